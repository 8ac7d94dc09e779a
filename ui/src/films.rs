//! Opening, making, importing and exporting: whatever begins with a native dialog.
//!
//! The page never sees a path: a dialog gives a numbered grant and a name to show, and the number is spent on one request.

use crate::lang::{t, tf};
use crate::state::{Looked, Overlay, Room, Studio};
use kinora_api::*;
use kinora_document::{Command, FrameRate, FrameSize};
use leptos::prelude::*;

pub fn open(studio: Studio, film: FilmToOpen) {
    studio.overlay.set(Overlay::None);
    studio.say(t("opening-film"));
    studio.request::<AskOpenFilm>(film, move |()| {
        // What opening had to mend may have been said meanwhile; that stays.
        if studio.notice.with_untracked(|notice| notice.text == t("opening-film")) {
            studio.say("");
        }
    });
}

pub fn open_with_dialog(studio: Studio) {
    studio.request::<AskPickPath>(PathPurpose::OpenFilm, move |grant| {
        if let Some(grant) = grant {
            open(studio, FilmToOpen::Grant(grant.grant));
        }
    });
}

pub fn create(studio: Studio, title: String, size: FrameSize, rate: FrameRate) {
    studio.request::<AskPickPath>(PathPurpose::NewFilm, move |grant| {
        if let Some(grant) = grant {
            let title = if title.trim().is_empty() { grant.name.clone() } else { title };
            studio.overlay.set(Overlay::None);
            studio.request::<AskCreateFilm>(CreateFilm { grant: grant.grant, title, size, rate }, move |()| {
                studio.room.set(Room::Write);
            });
        }
    });
}

pub fn import_script(studio: Studio) {
    studio.request::<AskPickPath>(PathPurpose::ImportScript, move |grant| {
        if let Some(grant) = grant {
            studio.request::<AskImportScript>(grant.grant, move |_| {
                studio.say(tf("imported-script", &[("name", &grant.name)]));
            });
        }
    });
}

pub fn import_media(studio: Studio) {
    studio.request::<AskPickPath>(PathPurpose::ImportMedia, move |grant| {
        if let Some(grant) = grant {
            studio.request::<AskImportMedia>(grant.grant, move |imported| match imported.problems.into_iter().next() {
                Some(problem) => studio.complain(problem),
                None if imported.media.is_empty() => studio.say(tf("imported-captions", &[("name", &grant.name)])),
                None => studio.say(tf("imported-media", &[("name", &grant.name)])),
            });
        }
    });
}

/// Any file, from anywhere: no film needs to be open.
pub fn look_at_file(studio: Studio) {
    studio.request::<AskPickPath>(PathPurpose::VerifyFile, move |grant| {
        let Some(PathGrant { grant, name }) = grant else { return };
        studio.looked.set(Looked::Looking(name.clone()));
        studio.overlay.set(Overlay::Verify);
        let failed = name.clone();
        studio.request_or::<AskVerifyFile>(
            grant,
            move |report| studio.looked.set(Looked::Found(name, report)),
            move |problem| studio.looked.set(Looked::Trouble(failed, problem)),
        );
    });
}

pub fn export(studio: Studio, format: ExportFormat, size: Option<FrameSize>) {
    export_as(studio, format, size, None, ExportLoudness::Web);
}

/// As [`export`], at a rate and a loudness of its own.
pub fn export_as(
    studio: Studio,
    format: ExportFormat,
    size: Option<FrameSize>,
    rate: Option<FrameRate>,
    loudness: ExportLoudness,
) {
    let purpose = match format {
        ExportFormat::Mp4 => PathPurpose::ExportMp4,
        ExportFormat::WebM => PathPurpose::ExportWebM,
        ExportFormat::PngSequence => PathPurpose::ExportPictures,
        ExportFormat::ContactSheet => PathPurpose::ExportContactSheet,
        ExportFormat::BoardPdf => PathPurpose::ExportBoard,
        ExportFormat::SubRip => PathPurpose::ExportSubRip,
        ExportFormat::WebVtt => PathPurpose::ExportWebVtt,
    };
    studio.request::<AskPickPath>(purpose, move |grant| {
        if let Some(grant) = grant {
            studio.room.set(Room::Deliver);
            studio.request::<AskExportFilm>(
                ExportRequest { grant: grant.grant, format, size, rate, loudness },
                move |_| {
                    studio.say(tf("exporting", &[("name", &grant.name)]));
                    studio.renew_exports();
                },
            );
        }
    });
}

/// A new title for the film.
pub fn rename(studio: Studio, title: String) {
    let settings = studio.local.with_untracked(|local| local.as_ref().map(|local| local.film.settings.clone()));
    if let Some(settings) = settings
        && settings.title != title
        && !title.trim().is_empty()
    {
        studio.edit(Command::SetSettings { settings: kinora_document::Settings { title, ..settings } });
    }
}
