//! A pretended dub: a count-in of two seconds, a recording of the line's length, takes, and a line that becomes a recording.
//!
//! Nothing is heard and nothing recorded; times are real, so that the dialog can be looked at as it moves.

use super::{Pretended, edit, hash_of, mint, problem, read, with};
use kinora_api::*;
use kinora_document::{ClipId, ClipSource, Command, Dubbed, Media, MediaId, MediaKind, Ticks};
use serde_json::Value;

const COUNT_IN: f64 = 2_000.0;

#[derive(Clone, Debug)]
pub struct Dub {
    place: DubPlace,
    takes: Vec<DubTake>,
    /// When it began, in milliseconds, and the take that is listened to.
    since: Option<(f64, Option<u32>)>,
}

fn span(studio: &Pretended, place: DubPlace) -> Option<(Ticks, Ticks)> {
    match place {
        DubPlace::Range { from, until } => Some((from, until)),
        DubPlace::Clip(clip) => {
            let clip = studio.film.as_ref()?.clips.get(clip)?;
            Some((clip.start, clip.start + clip.length))
        }
    }
}

/// Who says what there.
fn line(studio: &Pretended, place: DubPlace) -> Option<(Dubbed, String)> {
    let film = studio.film.as_ref()?;
    let DubPlace::Clip(clip) = place else { return None };
    let (shot, text) = match film.clips.get(clip)?.source {
        ClipSource::Line { shot, line } => (shot, film.shots.get(shot)?.dialogue.get(line as usize)?.text.clone()),
        ClipSource::Media(media) => film.media.get(media)?.dubs.clone().map(|dubs| (dubs.shot, dubs.text))?,
        _ => return None,
    };
    let character = film.shots.get(shot)?.dialogue.iter().find(|line| line.text == text)?.character.clone();
    Some((Dubbed { shot, text }, character))
}

fn keep(dub: &mut Dub, millis: f64) {
    let number = dub.takes.last().map_or(1, |take| take.number + 1);
    let length = Ticks::from_millis(millis as i64);
    let peak_millibels = if number.is_multiple_of(3) { 0 } else { -620 };
    dub.takes.push(DubTake { number, length, peak_millibels, cut_short: false });
    dub.since = None;
}

fn view(studio: &mut Pretended) -> Result<DubView, Problem> {
    let closed = || problem("dub.closed", "No line is being dubbed.", "");
    let place = studio.dub.as_ref().map(|dub| dub.place).ok_or_else(closed)?;
    let (from, until) = span(studio, place).ok_or_else(closed)?;
    let (dubs, character) = line(studio, place).map_or((None, String::new()), |(dubs, who)| (Some(dubs), who));
    let dub = studio.dub.as_mut().ok_or_else(closed)?;
    let line_millis = (until - from).to_millis() as f64;
    let mut doing = DubDoing::Ready;
    if let Some((since, take)) = dub.since {
        let passed = js_sys::Date::now() - since;
        if passed > COUNT_IN + line_millis + 1_000.0 {
            match take {
                Some(_) => dub.since = None,
                None => keep(dub, line_millis + 1_000.0),
            }
        } else {
            doing = match take {
                Some(take) => DubDoing::Listening { take },
                None if passed < COUNT_IN => DubDoing::Counting { millis_left: (COUNT_IN - passed) as u64 },
                None => DubDoing::Recording { millis: (passed - COUNT_IN) as u64, line_millis: line_millis as u64 },
            };
        }
    }
    let wave = (js_sys::Date::now() / 180.0).sin();
    Ok(DubView {
        from,
        until,
        character,
        text: dubs.map(|dubs| dubs.text).unwrap_or_default(),
        microphone: Some("Built-in microphone".into()),
        without: None,
        doing,
        level_millibels: -2_400 + (wave * 900.0) as i32,
        hints: Vec::new(),
        takes: dub.takes.clone(),
        problem: None,
    })
}

fn accept(number: u32) -> Result<ClipId, Problem> {
    let (media, command, lifted) = with(|studio| {
        let gone = || problem("dub.no_take", "There is no such take of this line.", "");
        let dub = studio.dub.clone().ok_or_else(gone)?;
        let take = *dub.takes.iter().find(|take| take.number == number).ok_or_else(gone)?;
        let (from, until) = span(studio, dub.place).ok_or_else(gone)?;
        let DubPlace::Clip(clip) = dub.place else { return Err(gone()) };
        let track =
            studio.film.as_ref().and_then(|film| film.clips.get(clip)).map(|clip| clip.track).ok_or_else(gone)?;
        let id = MediaId(mint(studio));
        let media = Media {
            id,
            name: line(studio, dub.place).map(|(dubs, _)| dubs.text).unwrap_or_default(),
            blob: hash_of(id.0),
            thumbnail: None,
            kind: MediaKind::Sound,
            length: take.length,
            size: None,
            rate: None,
            has_sound: true,
            speech: None,
            cameo: None,
            withdrawn: false,
            dubs: line(studio, dub.place).map(|(dubs, _)| dubs),
        };
        let source = ClipSource::Media(id);
        let put = Command::OverwriteClip { track, at: from, source, source_in: Ticks::ZERO, length: until - from };
        Ok::<_, Problem>((media, put, clip))
    })?;
    let source = ClipSource::Media(media.id);
    let gesture = Some(edit(&Command::AddMedia { media: Box::new(media) }, None)?.gesture);
    edit(&Command::LiftClips { clips: vec![lifted] }, gesture)?;
    edit(&command, gesture)?;
    let clip = with(|studio| {
        studio.dub = None;
        let film = studio.film.as_ref()?;
        film.clips.iter().find(|clip| clip.source == source).map(|clip| clip.id)
    });
    clip.ok_or_else(|| problem("clip.gone", "The clip is no longer in the film.", ""))
}

/// None for a question that is not about dubbing.
pub fn answer(command: &str, request: &Value) -> Option<Result<Result<Value, serde_json::Error>, Problem>> {
    let request = request.clone();
    let now = js_sys::Date::now();
    let begin = |take: Option<u32>| {
        with(|studio| studio.dub.iter_mut().for_each(|dub| dub.since = Some((now, take))));
        Ok(super::null())
    };
    Some(match command {
        "open_dub" => read::<OpenDub>(request).and_then(|wish| {
            with(|studio| {
                if studio.dub.as_ref().is_none_or(|dub| dub.place != wish.place) {
                    studio.dub = Some(Dub { place: wish.place, takes: Vec::new(), since: None });
                }
                view(studio).map(serde_json::to_value)
            })
        }),
        "dub" => with(view).map(serde_json::to_value),
        "record_dub" => begin(None),
        "listen_dub" => read::<u32>(request).and_then(|take| begin(Some(take))),
        "stop_dub" => read::<bool>(request).map(|kept| {
            with(|studio| {
                let Some(dub) = studio.dub.as_mut() else { return };
                match dub.since.take() {
                    Some((since, None)) if kept && now - since > COUNT_IN => keep(dub, now - since - COUNT_IN),
                    _ => {}
                }
            });
            super::null()
        }),
        "accept_dub" => read::<u32>(request).and_then(accept).map(serde_json::to_value),
        "close_dub" => Ok(super::null()),
        "restore_line" => Err(problem("fake", "This is not the real studio.", "")),
        _ => return None,
    })
}
