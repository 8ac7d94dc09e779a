//! What every [`Disk`] and every [`Compositor`] must do, as checks that any of them can be put through.
//!
//! The simulated disk proves something about the real one only while both pass this. A check returns the first difference as a sentence
//! and never leaves a panic to whoever calls it.

use crate::compositor::PictureStore;
use crate::{Compositor, Disk, VideoFrame};
use kinora_document::plan::FramePlan;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// `disk` is empty.
pub fn disk_contract(disk: &dyn Disk) -> Result<(), String> {
    let (file, other) = (Path::new("a/b/file"), Path::new("a/other"));
    refuses("reading what is not there", disk.read(file), ErrorKind::NotFound)?;
    refuses("writing where there is no folder", disk.write(file, b"x"), ErrorKind::NotFound)?;
    refuses("renaming what is not there", disk.rename(file, other), ErrorKind::NotFound)?;
    refuses("removing what is not there", disk.remove(file), ErrorKind::NotFound)?;
    refuses("syncing what is not there", disk.sync_file(file), ErrorKind::NotFound)?;
    refuses("cutting what is not there", disk.truncate(file, 0), ErrorKind::NotFound)?;
    refuses("listing what is not there", disk.list(Path::new("a")), ErrorKind::NotFound)?;
    works("a folder with its parents", disk.create_folder(Path::new("a/b")))?;
    works("a folder that is there", disk.create_folder(Path::new("a/b")))?;
    works("write", disk.write(file, b"hello"))?;
    works("append", disk.append(file, b", world"))?;
    same("contents", &works("read", disk.read(file))?, &b"hello, world".to_vec())?;
    same("length", &works("length", disk.length(file))?, &12)?;
    works("truncate", disk.truncate(file, 4))?;
    same("cut contents", &works("read", disk.read(file))?, &b"hell".to_vec())?;
    works("truncate to more", disk.truncate(file, 6))?;
    same("grown contents", &works("read", disk.read(file))?, &b"hell\0\0".to_vec())?;
    works("write again", disk.write(file, b"new"))?;
    same("replaced contents", &works("read", disk.read(file))?, &b"new".to_vec())?;
    works("append to a new file", disk.append(other, b"old"))?;
    works("sync of a file", disk.sync_file(file))?;
    works("rename over another", disk.rename(file, other))?;
    same("renamed contents", &works("read", disk.read(other))?, &b"new".to_vec())?;
    same("the old name", &disk.exists(file), &false)?;
    same("the new name", &disk.exists(other), &true)?;
    for folder in ["", "a", "a/b"] {
        works("sync of a folder", disk.sync_folder(Path::new(folder)))?;
    }
    same("list", &works("list", disk.list(Path::new("a")))?, &vec![Path::new("a/b").to_owned(), other.to_owned()])?;
    works("remove", disk.remove(other))?;
    same("what was removed", &disk.exists(other), &false)
}

/// `plan` names only pictures that `pictures` has.
pub fn compositor_contract(
    compositor: &mut dyn Compositor,
    plan: &FramePlan,
    pictures: &mut dyn PictureStore,
) -> Result<(), String> {
    let words = |error: crate::PortError| format!("{plan:?} was refused: {error}");
    let seen = compositor.render(plan, pictures).map_err(words)?;
    let video = compositor.render_video(plan, pictures).map_err(words)?;
    let pixels = seen.width as usize * seen.height as usize;
    same("size", &(seen.width, seen.height), &(plan.size.width, plan.size.height))?;
    same("bytes of the picture", &seen.rgba.len(), &(pixels * 4))?;
    if *video != VideoFrame::of(&seen) {
        return Err(format!("frame {}: the video is not that of the picture", plan.frame));
    }
    let (again, video_again) =
        (compositor.render(plan, pictures).map_err(words)?, compositor.render_video(plan, pictures).map_err(words)?);
    if !Arc::ptr_eq(&seen, &again) || !Arc::ptr_eq(&video, &video_again) {
        return Err(format!("frame {}: what was just made was made again", plan.frame));
    }
    Ok(())
}

fn works<T>(what: &str, result: io::Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{what} failed: {error}"))
}

fn refuses<T>(what: &str, result: io::Result<T>, kind: ErrorKind) -> Result<(), String> {
    match result {
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => Err(format!("{what} failed with {error:?} instead of {kind:?}")),
        Ok(_) => Err(format!("{what} worked")),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?} instead of {wanted:?}")) }
}
