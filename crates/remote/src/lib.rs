//! What Kinora asks of other machines, and the only room that can: for now the files of models that it does not come with.
//!
//! A download is asked for by a person who was shown its size and licence. It goes over https, is known by its hash before it begins,
//! can break off anywhere and go on, and gets its name only when it is whole.
//! Never here: listening, telling anybody anything about a person or a film, or following an address that the asker did not name to
//! a less safe one.

mod address;
mod download;

pub use address::Address;
pub use download::{Downloader, Patience, Wanted};
