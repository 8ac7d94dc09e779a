//! Every size has a limit, and every limit a reason. A film within these opens in a second on a small machine.

/// A feature-length film has about 1,500 shots; five thousand leaves room for a mad one.
pub const SHOTS: usize = 5_000;
/// A scene holds at least one shot.
pub const SCENES: usize = 5_000;
/// Sixty-four lanes are more than fit a screen.
pub const TRACKS: usize = 64;
/// All tracks together; keeps a film's edit under a few megabytes.
pub const CLIPS: usize = 20_000;
/// Twenty takes a shot on average.
pub const TAKES: usize = 100_000;
/// Characters, places, props and styles of one film.
pub const CAST: usize = 1_000;
/// Imported files.
pub const MEDIA: usize = 20_000;
pub const MARKERS: usize = 10_000;
/// A 120-page script is 200 KiB.
pub const SCRIPT_BYTES: usize = 2 * 1024 * 1024;
/// Names, labels.
pub const NAME_BYTES: usize = 512;
/// Prompts, descriptions, titles.
pub const TEXT_BYTES: usize = 16 * 1024;
/// Twelve hours, so that sums of times stay far from overflow.
pub const FILM_TICKS: i64 = 12 * 3600 * crate::Ticks::PER_SECOND;
/// Effects on one clip: each costs a pass over the picture.
pub const EFFECTS_PER_CLIP: usize = 16;
/// Each effect has a few knobs, and a picture five places: more curves than a clip has things to move.
pub const CURVES_PER_CLIP: usize = 64;
/// A key on every frame of half a minute.
pub const KEYS_PER_CURVE: usize = 1_000;
/// Gestures that can be taken back; older ones stay in the journal only.
pub const UNDO_STEPS: usize = 1_000;
/// Memory for taking back, roughly: script edits carry the whole script twice.
pub const UNDO_BYTES: usize = 128 * 1024 * 1024;
/// One ten-thousandth of full volume is silence to an ear.
pub const GAIN_MILLIBELS_LOWEST: i32 = -9_600;
/// Four times as loud; beyond it everything clips.
pub const GAIN_MILLIBELS_HIGHEST: i32 = 1_200;
/// A tenth of the recorded speed: below it a film of takes stands still.
pub const SPEED_PERMILLE_LOWEST: u32 = 100;
/// Twenty times the recorded speed.
pub const SPEED_PERMILLE_HIGHEST: u32 = 20_000;
/// Twenty times the frame: beyond it a pixel fills the picture.
pub const SCALE_PERMILLE_HIGHEST: u32 = 20_000;
/// Ten times round, either way.
pub const ROTATION_MILLIDEGREES: u32 = 3_600_000;
/// Ten frames away is out of sight.
pub const SHIFT_PERMILLE: i32 = 10_000;
/// Smaller pictures show nothing; also what encoders accept.
pub const FRAME_PIXELS_LOWEST: u32 = 64;
/// 8K; beyond it no encoder follows.
pub const FRAME_PIXELS_HIGHEST: u32 = 8_192;
/// Bands of a track's tone: more than anyone hears apart.
pub const EQ_BANDS: usize = 8;
/// Below and above nobody hears.
pub const EQ_HERTZ_LOWEST: u32 = 20;
pub const EQ_HERTZ_HIGHEST: u32 = 20_000;
/// 24 dB: what is further off was recorded wrongly.
pub const EQ_MILLIBELS: i32 = 2_400;
/// Wider says nothing; narrower rings for longer than the mixer looks back.
pub const EQ_QUALITY_LOWEST: u32 = 100;
pub const EQ_QUALITY_HIGHEST: u32 = 4_000;
/// Quieter than −60 dB is noise, and no threshold.
pub const THRESHOLD_MILLIBELS: i32 = -6_000;
/// Twenty to one is as good as a limiter.
pub const RATIO_PERMILLE: u32 = 20_000;
/// The mixer looks back far enough for these.
pub const ATTACK_MILLIS: u32 = 200;
pub const RELEASE_MILLIS_LOWEST: u32 = 10;
pub const RELEASE_MILLIS_HIGHEST: u32 = 1_000;
/// Volume keys of one clip.
pub const VOLUME_KEYS: usize = 1_000;
/// Parameters of one effect or transition.
pub const PARAMETERS: usize = 32;
/// Characters and dialogue lines of one shot.
pub const LINES_PER_SHOT: usize = 200;
/// Ten minutes: longer is a scene, not a shot.
pub const SHOT_TICKS: i64 = 600 * crate::Ticks::PER_SECOND;
/// People a consent may name: a crew, not a crowd.
pub const CONSENTED_PEOPLE: usize = 64;
/// Reference pictures of one cast member.
pub const REFERENCES: usize = 64;
