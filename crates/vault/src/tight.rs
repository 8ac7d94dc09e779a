//! Files that only this person's account may read.
//!
//! On Unix folders are 0700 and files 0600 from the moment they exist; on Windows they inherit the profile's own list, which says the same.
//! Never a file that is readable first and tightened later.

use kinora_ports::{Fault, PortError};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(path)?;
        // It may be an older one.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    builder.create(path)
}

pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Whole and durable, or as before.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("new");
    let mut file = create(&part)?;
    file.write_all(bytes).and_then(|()| file.sync_all())?;
    std::fs::rename(&part, path)?;
    sync_folder_of(path)
}

pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        // Windows has no handle on folders; there the file system journals names itself.
        Some(folder) if !cfg!(windows) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

pub fn random<const N: usize>() -> Result<[u8; N], PortError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Fault::new("This system gives no random numbers, so no key can be made.", "Restart the computer.", error)
    })?;
    Ok(bytes)
}

pub fn unwritable(error: &io::Error) -> PortError {
    Fault::new(
        "The vault of the cameos could not be written.",
        "Check that the disk is not full and that you may write to Kinora's own folder.",
        error,
    )
    .into()
}

pub fn unreadable(error: &io::Error) -> PortError {
    Fault::new(
        "The vault of the cameos could not be read.",
        "Check that Kinora's own folder is there and that you may read it.",
        error,
    )
    .into()
}
