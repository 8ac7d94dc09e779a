//! How fast a whole export is, as a ratio to a bare GStreamer pipeline that encodes the same frames and sound with the same encoder.
//!
//! Ours reads takes from a project, scales them, mixes, sets titles, marks, encodes, writes, proves and renames; the bare one is fed
//! finished frames, marked as ours are, from memory. Both are measured in turn in one run.
//! `[seconds] [width] [height] [rounds]`; `cargo xtask bench export` runs it.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
// For its allocator: the program measured here has the same one.
use kinora as _;
use kinora_backend::{ExportOrder, Exporter, Library, Mixer, film_mark};
use kinora_compositor::{Executor, FrameCompositor};
use kinora_document::command::new_film;
use kinora_document::{BlobHash, Command, Film, FrameRate, FrameSize, Planner, ShotId, Take, TakeId};
use kinora_media::{GstDecoder, GstEncoder};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::{Blobs, Compositor, Decoder, Encoder, Flow, Pixels, ProjectStore, Sound, VideoFrame, Watermark};
use kinora_provenance::Notary;
use kinora_provenance::watermark::LumaMark;
use kinora_store::ProjectFolder;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

const RATE: FrameRate = FrameRate::FPS_24;
/// As the draft model makes them.
const TAKE_SIZE: FrameSize = FrameSize { width: 128, height: 72 };
const TAKE_FRAMES: u32 = 49;

/// A ball over hills under a graded sky, with the slight unrest of a generated picture.
fn picture(shot: usize, frame: u32) -> Pixels {
    let mut pixels = Pixels::new(TAKE_SIZE.width, TAKE_SIZE.height);
    let (middle_x, middle_y) = (10 + frame as i32 * 2, 30 + (frame as i32 * 3 % 24 - 12).abs());
    let mut unrest = frame.wrapping_mul(2_654_435_761) | 1;
    for (at, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (x, y) = ((at as u32 % TAKE_SIZE.width) as i32, (at as u32 / TAKE_SIZE.width) as i32);
        unrest = unrest.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (unrest >> 30) as i32;
        let hill = 48 + ((x + shot as i32 * 31) % 64 - 32).abs() / 4;
        let colour = if (x - middle_x).pow(2) + (y - middle_y).pow(2) < 90 {
            [220, 40, 30]
        } else if y > hill {
            [60, 120 - y / 2, 50]
        } else {
            [90 + y, 140 + y / 2, 230 - shot as i32 * 20]
        };
        let [red, green, blue] = colour.map(|value| (value + grain).clamp(0, 255) as u8);
        *pixel = [red, green, blue, 255];
    }
    pixels
}

/// A film of four-second shots with takes, dissolves between them, a title and captions.
fn make_film(project: &ProjectFolder, mut film: Film, shots: usize, scratch: &Path) -> Outcome<Film> {
    let mut next = 1000_u128;
    let mut ids = || {
        next += 1;
        next
    };
    let scenes = (0..shots).map(|shot| {
        format!("EXT. HILLS {shot} - DAY\n\n[[shot: wide | 4s]]\n\nA red ball rolls.\n\nMARA\nThere it goes, over hill {shot}.\n\n")
    });
    let text = format!("Title: The ball\n\n{}", scenes.collect::<Vec<_>>().join("DISSOLVE TO:\n\n"));
    let mut perform = |film: &mut Film, command: Command| -> Outcome<()> {
        let patch = command.plan(film, &mut ids)?;
        film.apply(&patch)?;
        Ok(())
    };
    perform(&mut film, Command::SetScript { text })?;
    let wanted: Vec<ShotId> = film.shots.keys().collect();
    for (number, shot) in wanted.into_iter().enumerate() {
        let blob = make_take(project.blobs().as_ref(), number, &scratch.join(format!("{number}.mov")))?;
        let take = Take {
            id: TakeId(number as u128 + 1),
            shot,
            key: blob,
            blob,
            thumbnail: None,
            prompt: String::new(),
            negative: String::new(),
            seed: 0,
            engine: "draft".to_owned(),
            model: blob,
            size: TAKE_SIZE,
            rate: FrameRate::FPS_12,
            frames: TAKE_FRAMES,
            parent: None,
            notes: Vec::new(),
            cameos: Vec::new(),
            withdrawn: false,
        };
        perform(&mut film, Command::AddTake { take: Box::new(take) })?;
    }
    Ok(film)
}

fn make_take(blobs: &dyn Blobs, number: usize, path: &Path) -> Outcome<BlobHash> {
    let settings = EncodeSettings {
        container: Container::Take,
        size: TAKE_SIZE,
        rate: FrameRate::FPS_12,
        sound_rate: Some(Sound::FILM_RATE),
        sound_channels: 2,
        title: String::new(),
    };
    let mut encoding = GstEncoder::new().start(&settings, path)?;
    (0..TAKE_FRAMES).try_for_each(|frame| encoding.picture(&picture(number, frame)))?;
    let tone = |i: usize| (i as f32 * (0.02 + number as f32 * 0.005)).sin() * 0.3;
    let samples: Vec<f32> = (0..Sound::FILM_RATE as usize * 4).flat_map(|i| [tone(i), tone(i + 9)]).collect();
    encoding.sound(&samples)?;
    encoding.finish()?;
    Ok(blobs.adopt(path)?)
}

fn ours(film: &Film, library: &mut Library, path: &Path) -> Outcome<(f64, String)> {
    let mut compositor = FrameCompositor::open(Executor::Fastest)?;
    let order = ExportOrder::new(Container::Mp4);
    let notary = Notary::new(path.parent().unwrap_or(path));
    let begun = Instant::now();
    let mut exporter = Exporter {
        encoder: &GstEncoder::new(),
        compositor: &mut compositor,
        library,
        watermark: &LumaMark,
        notary: &notary,
    };
    let exported = exporter.export(film, order, path, &mut |_, _| Flow::Continue)?;
    Ok((begun.elapsed().as_secs_f64(), exported.encoder))
}

/// What an export hands to its encoder, ready in memory.
struct Finished {
    frames: Vec<Arc<VideoFrame>>,
    samples: Vec<f32>,
}

impl Finished {
    fn of(film: &Film, library: &mut Library) -> Outcome<Self> {
        let planner = Planner::new(film);
        let mut compositor = FrameCompositor::open(Executor::Fastest)?;
        let composed: Vec<_> = (0..planner.reel().frames)
            .map(|frame| compositor.render_video(&planner.frame_at(frame), library))
            .collect::<Result<_, _>>()?;
        let size = planner.reel().size;
        let marker = LumaMark.marker(film_mark(film), size.width, size.height).ok_or("too small to be marked")?;
        // One picture shown twice stays one in memory.
        let mut frames: Vec<Arc<VideoFrame>> = Vec::with_capacity(composed.len());
        for (at, frame) in composed.iter().enumerate() {
            let shown = at.checked_sub(1).filter(|before| Arc::ptr_eq(&composed[*before], frame));
            let marked = shown.map_or_else(|| Arc::new(marker.marked(frame)), |before| frames[before].clone());
            frames.push(marked);
        }
        let (mixer, _) = Mixer::new(planner.sound(), library);
        let mut samples = vec![0.0; mixer.length() as usize * 2];
        mixer.mix(0, &mut samples);
        Ok(Self { frames, samples })
    }
}

/// A frame that the pipeline reads in place.
struct Shared(Arc<VideoFrame>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0.i420
    }
}

fn bare(finished: &Finished, encoder: &str, path: &Path) -> Outcome<f64> {
    let first = finished.frames.first().ok_or("no frames")?;
    let begun = Instant::now();
    let text = format!(
        "appsrc name=pictures format=time block=true max-bytes={} caps=video/x-raw,format=I420,width={},height={},framerate=24/1,colorimetry=bt709 \
         ! {encoder} ! video/x-h264,profile=high ! h264parse ! queue ! mp4mux name=film faststart=true ! filesink location=\"{}\" \
         appsrc name=sound format=time caps=audio/x-raw,format=F32LE,layout=interleaved,rate=48000,channels=2 max-bytes=0 \
         ! audioconvert ! avenc_aac bitrate=192000 ! aacparse ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! film.",
        first.i420.len() * 4,
        first.width,
        first.height,
        path.display()
    );
    let pipeline = gst::parse::launch(&text)?.downcast::<gst::Pipeline>().map_err(|_| "no pipeline")?;
    let source =
        |name: &str| pipeline.by_name(name).and_then(|e| e.downcast::<gst_app::AppSrc>().ok()).ok_or("no source");
    let (pictures, sound) = (source("pictures")?, source("sound")?);
    pipeline.set_state(gst::State::Playing)?;
    for (index, samples) in finished.samples.chunks(2 * 12_000).enumerate() {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        if let Some(head) = buffer.get_mut() {
            head.set_pts(gst::ClockTime::from_mseconds(index as u64 * 250));
        }
        sound.push_buffer(buffer)?;
    }
    sound.end_of_stream()?;
    for (index, frame) in finished.frames.iter().enumerate() {
        let mut buffer = gst::Buffer::from_slice(Shared(frame.clone()));
        if let Some(head) = buffer.get_mut() {
            head.set_pts(gst::ClockTime::from_nseconds(index as u64 * 1_000_000_000 / 24));
        }
        pictures.push_buffer(buffer)?;
    }
    pictures.end_of_stream()?;
    let bus = pipeline.bus().ok_or("no bus")?;
    let end =
        bus.timed_pop_filtered(gst::ClockTime::from_seconds(600), &[gst::MessageType::Eos, gst::MessageType::Error]);
    pipeline.set_state(gst::State::Null)?;
    match end {
        Some(message) if message.type_() == gst::MessageType::Eos => Ok(begun.elapsed().as_secs_f64()),
        other => Err(format!("the bare pipeline failed: {other:?}").into()),
    }
}

/// Processor time of this process so far, where the system tells: on a machine that others use too, the clock says little.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn main() -> Outcome<()> {
    gst::init()?;
    let numbers: Vec<u32> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let number = |at: usize, usual: u32| numbers.get(at).copied().unwrap_or(usual);
    let (seconds, width, height, rounds) = (number(0, 12), number(1, 1920), number(2, 1080), number(3, 3));
    let folder = tempfile::tempdir()?;
    let mut next = 0_u128;
    let beginning = new_film("Bench", FrameSize { width, height }, RATE, &mut || {
        next += 1;
        next
    });
    let project = ProjectFolder::create(&folder.path().join("Bench.kinora"), &beginning)?;
    let film = make_film(&project, beginning, (seconds as usize).div_ceil(4), folder.path())?;
    let decoder: Arc<dyn Decoder> = Arc::new(GstDecoder::new());
    let fresh_library = || Library::new(project.blobs(), decoder.clone());
    let begun = Instant::now();
    let finished = Finished::of(&film, &mut fresh_library())?;
    let frames = finished.frames.len() as f64;
    let distinct = 1 + finished.frames.windows(2).filter(|pair| !Arc::ptr_eq(&pair[0], &pair[1])).count();
    println!(
        "composing and marking alone: {:.2} s for {frames} frames, {distinct} of them new",
        begun.elapsed().as_secs_f64()
    );
    let mut best = (f64::MAX, f64::MAX);
    for round in 1..=rounds {
        let before = processor_seconds();
        let (ours, name) = ours(&film, &mut fresh_library(), &folder.path().join("ours.mp4"))?;
        let bits = u64::from(width * height) * 24;
        let element = match name.as_str() {
            "x264" => format!(
                "x264enc speed-preset=veryfast pass=qual quantizer=18 bitrate={} vbv-buf-capacity=1000 threads=6 key-int-max=48 aud=false",
                bits * 32 / 100_000
            ),
            "OpenH264" => {
                format!("openh264enc rate-control=bitrate bitrate={} gop-size=48 complexity=medium", bits * 16 / 100)
            }
            other => return Err(format!("the bench does not know how to set {other}").into()),
        };
        let between = processor_seconds();
        let bare = bare(&finished, &element, &folder.path().join("bare.mp4"))?;
        println!(
            "round {round}, {frames} frames of {width}×{height} with {name}: ours {ours:.2} s, bare {bare:.2} s, ratio {:.3}",
            bare / ours
        );
        let (our_work, bare_work) = (between - before, processor_seconds() - between);
        println!("  processors: ours {our_work:.2} s, bare {bare_work:.2} s, ratio {:.3}", bare_work / our_work);
        best = (best.0.min(ours), best.1.min(bare));
    }
    println!(
        r#"{{"what":"whole export at {width}×{height}, best of {rounds}","value":{:.2},"unit":"frames/s","aim":"≥ 0.9 of the bare pipeline","beside":"bare GStreamer","reference":{:.2}}}"#,
        frames / best.0,
        frames / best.1
    );
    Ok(())
}
