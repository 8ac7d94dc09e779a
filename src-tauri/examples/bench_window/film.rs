//! The film that the window is measured with: 1,000 shots with takes and 5,000 clips on five tracks, as a person's long film has them.
//!
//! Twenty different takes stand behind the shots, each a real movie with sound, so that decoding and caches work as they do for a person.
//! Ids are counted: each run has the same film.

use kinora_document::command::new_film;
use kinora_document::*;
use kinora_media::GstEncoder;
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::store::Edit;
use kinora_ports::{Blobs, Encoder, Pixels, ProjectStore, Sound};
use kinora_store::ProjectFolder;
use std::error::Error;
use std::path::Path;

pub const SHOTS: usize = 1_000;
pub const CLIPS: usize = 5_000;
const TAKES: usize = 20;
const RATE: FrameRate = FrameRate::FPS_12;
const FRAMES: u32 = 49;
/// As the draft model makes them.
const SIZE: FrameSize = FrameSize { width: 128, height: 72 };

pub fn make(root: &Path) -> Result<(), Box<dyn Error>> {
    let mut next = 0_u128;
    let mut ids = || {
        next += 1;
        next
    };
    let mut film = new_film("A long film", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut ids);
    let text: String = (0..SHOTS)
        .map(|number| {
            format!(
                "EXT. BEACH {number} - DAY\n\n[[shot: wide | static | 3s]]\n\nA red ball bounces over rock {number} and rolls into the sea.\n\n"
            )
        })
        .collect();
    let patch = Command::SetScript { text }.plan(&film, &mut ids)?;
    film.apply(&patch)?;
    drop(ProjectFolder::create(root, &film)?);
    let (store, _) = ProjectFolder::open(root)?;
    let blobs = store.blobs();
    let takes = (0..TAKES).map(|number| take(&*blobs, number)).collect::<Result<Vec<_>, _>>()?;
    let mut ops = Vec::new();
    for (at, shot) in film.shots.iter().enumerate() {
        let Some((blob, thumbnail)) = takes.get(at % TAKES).copied() else { continue };
        let prompt = prompt::compose(&film, shot);
        let take = Take {
            id: TakeId(ids()),
            shot: shot.id,
            key: BlobHash([0; 32]),
            blob,
            thumbnail: Some(thumbnail),
            prompt: prompt.text,
            negative: prompt.negative,
            seed: 1,
            engine: film.settings.engine.clone(),
            model: BlobHash([0; 32]),
            size: SIZE,
            rate: RATE,
            frames: FRAMES,
            parent: None,
            notes: Vec::new(),
            cameos: Vec::new(),
            withdrawn: false,
        };
        ops.push(Op::Set { entity: Entity::Shot(Shot { chosen_take: Some(take.id), ..shot.clone() }) });
        ops.push(Op::Insert { at, entity: Entity::Take(take) });
    }
    write(&store, &mut film, 1, Patch(ops))?;
    let track = |film: &Film, kind: TrackKind, nth: usize| {
        film.tracks.iter().filter(|track| track.kind == kind).nth(nth).map(|track| track.id).ok_or("no such track")
    };
    let story: Vec<Clip> = film.clips.iter().cloned().collect();
    let (titles, captions) = (track(&film, TrackKind::Video, 1)?, track(&film, TrackKind::Captions, 0)?);
    let (effects, music) = (track(&film, TrackKind::Effects, 0)?, track(&film, TrackKind::Music, 0)?);
    let mut ops = Vec::new();
    let mut at = story.len();
    for (number, clip) in story.iter().enumerate() {
        let half = FrameRate::FPS_24.frame_start(36);
        let words = |text: String, style| ClipSource::Title(Title::new(text, style));
        let more = [
            (titles, clip.start, half, words(format!("Rock {number}"), TitleStyle::Lower)),
            (
                captions,
                clip.start + half,
                half,
                words(format!("The ball, for the {number}th time."), TitleStyle::Caption),
            ),
            (effects, clip.start, clip.length, clip.source.clone()),
            (music, clip.start, half, clip.source.clone()),
        ];
        for (track, start, length, source) in more {
            if at == CLIPS {
                break;
            }
            let mut clip = Clip::new(ClipId(ids()), track, start, length, source);
            clip.gain_millibels = -600;
            ops.push(Op::Insert { at, entity: Entity::Clip(clip) });
            at += 1;
        }
    }
    write(&store, &mut film, 2, Patch(ops))?;
    let broken = check(&film);
    if film.clips.len() != CLIPS || !broken.is_empty() {
        return Err(format!("{} clips, {broken:?}", film.clips.len()).into());
    }
    Ok(())
}

fn write(store: &dyn ProjectStore, film: &mut Film, sequence: u64, patch: Patch) -> Result<(), Box<dyn Error>> {
    film.apply(&patch)?;
    let gesture = GestureId(u128::from(sequence));
    store.append(&Edit { sequence, gesture, label: "Make a film".to_owned(), role: Role::System, patch }, film)?;
    Ok(())
}

/// A movie of its own and its thumbnail.
fn take(blobs: &dyn Blobs, number: usize) -> Result<(BlobHash, BlobHash), Box<dyn Error>> {
    let settings = EncodeSettings {
        container: Container::Take,
        size: SIZE,
        rate: RATE,
        sound_rate: Some(Sound::FILM_RATE),
        sound_channels: 2,
        title: String::new(),
    };
    let file = blobs.scratch().join(format!("take-{number}.mov"));
    let mut encoding = GstEncoder::new().start(&settings, &file)?;
    for frame in 0..FRAMES {
        encoding.picture(&picture(number, frame))?;
    }
    let samples = FRAMES as usize * Sound::FILM_RATE as usize / 12;
    let hum: Vec<f32> =
        (0..samples * 2).map(|at| ((at / 2) as f32 * 0.02 * (1.0 + number as f32)).sin() * 0.2).collect();
    encoding.sound(&hum)?;
    encoding.finish()?;
    let small = picture(number, FRAMES / 2);
    let mut png = Vec::new();
    let image = image::RgbaImage::from_raw(SIZE.width, SIZE.height, small.rgba).ok_or("a picture of another size")?;
    image.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)?;
    Ok((blobs.adopt(&file)?, blobs.put(&png)?))
}

/// A ball on its way through a coloured room.
fn picture(number: usize, frame: u32) -> Pixels {
    let mut pixels = Pixels::new(SIZE.width, SIZE.height);
    let (middle_x, middle_y) = (10 + frame as i32 * 2, 36 + (frame as i32 * 3 % 24 - 12));
    for (at, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (x, y) = ((at as u32 % SIZE.width) as i32, (at as u32 / SIZE.width) as i32);
        let ball = (x - middle_x).pow(2) + (y - middle_y).pow(2) < 90;
        let hue = (number as i32 * 12) % 160;
        *pixel = if ball { [220, 40, 30, 255] } else { [hue as u8, (90 + y) as u8, (220 - x) as u8, 255] };
    }
    pixels
}
