//! What went wrong in a task, as a sentence for a person and an exit code for a script.
//! It exists so that every task fails in the same three ways and an error is put into words once.
//! It must never carry a sentence that does not say what to do next.

/// A task that could not finish.
#[derive(Debug)]
pub struct Trouble {
    pub sentence: String,
    pub code: u8,
}

impl Trouble {
    /// A check or a build failed: the repository needs a change.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: 1 }
    }

    /// The words on the command line made no sense.
    pub fn request(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: 2 }
    }

    /// This machine lacks something: a person has to install or allow it.
    pub fn missing(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: 3 }
    }
}
