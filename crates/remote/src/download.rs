//! One file, downloaded so that it can break off anywhere: `.part`, asked for from where it ends, proved by its hash, renamed.
//!
//! What lies under the target's name is whole and is what was wanted; everything else is `.part`, and one process at a time writes it.
//! A server may be slow, cut off, forget ranges or lie: slow and cut off are asked again, a lie ends the download. Nothing here may wait
//! for ever or write more bytes than were wanted.

use crate::address::Address;
use blake3::Hasher;
use kinora_document::BlobHash;
use kinora_ports::{Fault, Flow, PortError, Refusal};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

/// Places that an answer may send us on to, one after the other: hubs need two.
const REDIRECTS: usize = 5;
/// Read at once; also how often the caller is asked whether to go on.
const PIECE: usize = 64 * 1024;

/// A file that is known before it is downloaded.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub address: Address,
    /// For sentences.
    pub name: &'a str,
    pub bytes: u64,
    pub blake3: BlobHash,
}

/// How long to wait, and how often to try again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection and for an answer to begin.
    pub answer: Duration,
    /// For one request as a whole. What is not there by then is asked for again from where it stopped, so a line that fell silent is
    /// noticed, and one that is only slow loses nothing.
    pub request: Duration,
    /// Before the first new try; then twice as long, and so on.
    pub pause: Duration,
    /// Requests in a row that brought nothing.
    pub tries: u32,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { answer: seconds(30), request: seconds(120), pause: seconds(1), tries: 5 }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Downloader {
    patience: Patience,
}

/// Why a request brought no more.
enum Stop {
    /// Worth another try.
    Cut(String),
    Final(PortError),
}

impl From<PortError> for Stop {
    fn from(error: PortError) -> Self {
        Self::Final(error)
    }
}

/// The file under construction.
struct Part<'a> {
    file: File,
    path: PathBuf,
    hasher: Hasher,
    have: u64,
    wanted: &'a Wanted<'a>,
}

impl Downloader {
    pub fn new(patience: Patience) -> Self {
        Self { patience }
    }

    /// `target` is whole when this returns. `watch` is told the bytes that are there; cancelling keeps them for the next time.
    pub fn fetch(
        &self,
        wanted: &Wanted<'_>,
        target: &Path,
        watch: &mut dyn FnMut(u64) -> Flow,
    ) -> Result<(), PortError> {
        if target.exists() {
            return already_there(wanted, target);
        }
        let mut part = Part::open(wanted, target)?;
        let agent = self.agent(&wanted.address);
        let (mut fruitless, mut pause) = (0, self.patience.pause);
        while part.have < wanted.bytes {
            let before = part.have;
            match self.request(&agent, &mut part, watch) {
                Ok(()) => {}
                Err(Stop::Final(error)) => return Err(error),
                Err(Stop::Cut(detail)) => {
                    if part.have > before {
                        (fruitless, pause) = (0, self.patience.pause);
                        continue;
                    }
                    fruitless += 1;
                    if fruitless >= self.patience.tries {
                        return Err(unreachable(wanted, &detail));
                    }
                    std::thread::sleep(pause);
                    pause *= 2;
                    if watch(part.have) == Flow::Cancel {
                        return Err(PortError::Cancelled);
                    }
                }
            }
        }
        part.finish(target)
    }

    fn agent(&self, address: &Address) -> Agent {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("kinora")
            .timeout_connect(Some(self.patience.answer))
            .timeout_recv_response(Some(self.patience.answer))
            .timeout_recv_body(Some(self.patience.request));
        if address.is_this_machine() {
            config = config.proxy(None);
        }
        config.build().into()
    }

    /// One request for what is missing, as far as it goes.
    fn request(&self, agent: &Agent, part: &mut Part<'_>, watch: &mut dyn FnMut(u64) -> Flow) -> Result<(), Stop> {
        let response = ask(agent, part)?;
        let begins = match response.status() {
            StatusCode::PARTIAL_CONTENT => range_begins(&response),
            StatusCode::OK => Some(0),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                part.empty()?;
                return Err(Stop::Cut("the server has no such range".to_owned()));
            }
            status => return Err(refusal(part.wanted, status)),
        };
        match begins {
            Some(at) if at == part.have => {}
            // A server that knows no ranges begins anew.
            Some(0) => part.empty()?,
            _ => return Err(Stop::Cut("the server sent another range than was asked for".to_owned())),
        }
        let mut body = response.into_body().into_reader();
        let mut piece = vec![0; PIECE];
        loop {
            let count = match body.read(&mut piece) {
                Ok(0) if part.have < part.wanted.bytes => {
                    return Err(Stop::Cut("the connection ended early".to_owned()));
                }
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Stop::Cut(error.to_string())),
            };
            part.add(piece.get(..count).unwrap_or_default())?;
            if watch(part.have) == Flow::Cancel {
                return Err(Stop::Final(PortError::Cancelled));
            }
        }
    }
}

/// Asks for what is missing, and follows where the answer leads.
fn ask(agent: &Agent, part: &Part<'_>) -> Result<Response<Body>, Stop> {
    let mut address = part.wanted.address.clone();
    for _ in 0..=REDIRECTS {
        // Packed content would be counted and hashed as something else.
        let mut request = agent.get(address.uri()).header(header::ACCEPT_ENCODING, "identity");
        if part.have > 0 {
            request = request.header(header::RANGE, format!("bytes={}-", part.have));
        }
        let response = request.call().map_err(|error| Stop::Cut(error.to_string()))?;
        if !response.status().is_redirection() {
            return Ok(response);
        }
        let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        let location = location.ok_or_else(|| Stop::Cut("sent on, but not told where to".to_owned()))?;
        address = address.next(location).map_err(|refusal| Stop::Final(refusal.into()))?;
    }
    Err(Stop::Cut(format!("sent on more than {REDIRECTS} times")))
}

/// The first byte of `Content-Range: bytes 5-9/10`.
fn range_begins(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok()
}

impl<'a> Part<'a> {
    /// What an earlier time has left, read once for its hash.
    fn open(wanted: &'a Wanted<'a>, target: &Path) -> Result<Self, PortError> {
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| unwritable(wanted, &path, &error))?;
        }
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(|error| unwritable(wanted, &path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(wanted)),
            Err(TryLockError::Error(error)) => return Err(unwritable(wanted, &path, &error)),
        }
        let mut hasher = Hasher::new();
        let have = read_into(&mut hasher, &mut file).map_err(|error| unwritable(wanted, &path, &error))?;
        let mut part = Self { file, path, hasher, have, wanted };
        if part.have > wanted.bytes {
            part.empty()?;
        }
        Ok(part)
    }

    fn empty(&mut self) -> Result<(), PortError> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(|error| unwritable(self.wanted, &self.path, &error))?;
        self.hasher = Hasher::new();
        self.have = 0;
        Ok(())
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        if bytes.len() as u64 > self.wanted.bytes - self.have {
            return Err(self.discard());
        }
        self.file.write_all(bytes).map_err(|error| {
            // What of it was written is not counted, so it must not be there.
            let _ = self.file.set_len(self.have);
            unwritable(self.wanted, &self.path, &error)
        })?;
        self.hasher.update(bytes);
        self.have += bytes.len() as u64;
        Ok(())
    }

    fn finish(mut self, target: &Path) -> Result<(), PortError> {
        if self.hasher.finalize().as_bytes() != &self.wanted.blake3.0 {
            return Err(self.discard());
        }
        let named = self.file.sync_all().and_then(|()| std::fs::rename(&self.path, target));
        named.map_err(|error| unwritable(self.wanted, &self.path, &error))?;
        if let Some(folder) = target.parent().and_then(|folder| File::open(folder).ok()) {
            // Where folders can be synced the name is durable now, elsewhere the system sees to it.
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Not what was wanted: nothing of it is kept.
    fn discard(&mut self) -> PortError {
        let _ = self.empty();
        let _ = std::fs::remove_file(&self.path);
        Fault::new(
            format!("What came as {} is not the file that was wanted, so it was thrown away.", self.wanted.name),
            "Try again later; if it stays so, the file was changed where it lies, and nobody should use it.",
            format!("from {}", self.wanted.address.host()),
        )
        .into()
    }
}

fn read_into(hasher: &mut Hasher, file: &mut File) -> std::io::Result<u64> {
    let (mut piece, mut total) = (vec![0; 16 * PIECE], 0);
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok(total);
        }
        hasher.update(piece.get(..count).unwrap_or_default());
        total += count as u64;
    }
}

fn already_there(wanted: &Wanted<'_>, target: &Path) -> Result<(), PortError> {
    let mut hasher = Hasher::new();
    let read = File::open(target).and_then(|mut file| read_into(&mut hasher, &mut file));
    read.map_err(|error| unwritable(wanted, target, &error))?;
    if hasher.finalize().as_bytes() == &wanted.blake3.0 {
        return Ok(());
    }
    Err(Refusal::new(
        "download.there",
        format!("{} is there already, and is not the file that is wanted.", target.display()),
        "Move it away, then try again.",
    )
    .into())
}

fn refusal(wanted: &Wanted<'_>, status: StatusCode) -> Stop {
    let host = wanted.address.host();
    let (what, remedy) = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => (
            format!("{host} does not give {} to everybody.", wanted.name),
            "Get it there yourself, after accepting its terms, then name its folder.",
        ),
        StatusCode::NOT_FOUND | StatusCode::GONE => (
            format!("{} is no longer at {host}.", wanted.name),
            "Look for it there, download it yourself, then name its folder.",
        ),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Stop::Cut(format!("{host} answered {status}"));
        }
        _ => (format!("{host} did not give {}.", wanted.name), "Try again later."),
    };
    Stop::Final(Fault::new(what, remedy, format!("it answered {status}")).into())
}

fn unreachable(wanted: &Wanted<'_>, detail: &str) -> PortError {
    Fault::new(
        format!("{} could not be downloaded from {}: nothing came any more.", wanted.name, wanted.address.host()),
        "Check the connection, then try again; what is there already is kept.",
        detail,
    )
    .into()
}

fn busy(wanted: &Wanted<'_>) -> PortError {
    Refusal::new(
        "download.busy",
        format!("{} is being downloaded already.", wanted.name),
        "Wait for the other Kinora to finish, or stop it first.",
    )
    .into()
}

fn unwritable(wanted: &Wanted<'_>, path: &Path, error: &std::io::Error) -> PortError {
    let full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge);
    let (what, remedy) = if full {
        (
            format!("There is no room left for {}, which has {} bytes.", wanted.name, wanted.bytes),
            "Free some space, then try again; what is there already is kept.",
        )
    } else {
        (
            format!("{} could not be read or written.", path.display()),
            "Check that the disk is connected and that you may write there, then try again.",
        )
    };
    Fault::new(what, remedy, error).into()
}
