"""The illustrated world that the draft model learns: scenes, drawing, motion, sound curves and captions."""
