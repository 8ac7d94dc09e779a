//! A hub of this machine, as bad as a test wants it: cut off, silent, lying, sending on.
//!
//! One thread a request, plain HTTP on loopback; it ends with the test program.
#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part, and stops when it cannot go on")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the stub does with a request: status, further headers, body, and how many bytes of it are sent.
pub struct Answer {
    pub status: &'static str,
    pub headers: String,
    pub body: Vec<u8>,
    pub sent: usize,
    /// Falls silent after that, instead of hanging up.
    pub silent: Option<Duration>,
}

pub struct Asked {
    pub path: String,
    pub from: usize,
    /// Requests before this one.
    pub nth: usize,
}

pub struct Hub {
    pub root: String,
    pub asked: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Hub {
    pub fn new(behave: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
        let (seen, behave) = (Arc::clone(&asked), Arc::new(behave));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, behave) = (Arc::clone(&seen), Arc::clone(&behave));
                std::thread::spawn(move || serve(stream, &seen, behave.as_ref()));
            }
        });
        Self { root, asked }
    }

    pub fn froms(&self) -> Vec<usize> {
        self.asked.lock().unwrap().iter().map(|(_, from)| *from).collect()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<(String, usize)>>, behave: &dyn Fn(&Asked) -> Answer) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
    let nth = {
        let mut seen = seen.lock().unwrap();
        seen.push((path.clone(), range.unwrap_or(0)));
        seen.len() - 1
    };
    let answer = behave(&Asked { path, from: range.unwrap_or(0), nth });
    let length = answer.body.len();
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Length: {length}\r\nConnection: close\r\n{}\r\n",
        answer.status, answer.headers
    );
    // Whoever hung up has heard enough.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer.body[..answer.sent.min(length)]));
    if let Some(silent) = answer.silent {
        std::thread::sleep(silent);
    }
}

/// From where it was asked for, as a good hub does.
pub fn given(content: &[u8], from: usize) -> Answer {
    let body = content[from.min(content.len())..].to_vec();
    let sent = body.len();
    if from == 0 {
        return Answer { status: "200 OK", headers: String::new(), body, sent, silent: None };
    }
    let headers = format!("Content-Range: bytes {from}-{}/{}\r\n", content.len() - 1, content.len());
    Answer { status: "206 Partial Content", headers, body, sent, silent: None }
}

pub fn said(status: &'static str, headers: &str) -> Answer {
    Answer { status, headers: headers.to_owned(), body: Vec::new(), sent: 0, silent: None }
}

pub fn content() -> Vec<u8> {
    let mut seed = 7_u32;
    let step = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    (0..300_000).map(step).collect()
}
