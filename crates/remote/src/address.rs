//! Addresses that may be asked: https anywhere, and plain http on this very machine, for tests and private hubs.
//!
//! The rule holds for where a download begins and for every place it is sent on to. A name is never resolved to decide this: only a
//! number can be this machine.

use kinora_ports::Refusal;
use std::net::IpAddr;
use ureq::http::Uri;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Uri);

impl Address {
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let uri: Uri = text.parse().map_err(|_| refused(text, "it is not a web address"))?;
        let address = Self(uri);
        if address.0.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err(refused(text, "it names no machine, or a password"));
        }
        match address.0.scheme_str() {
            Some("https") => Ok(address),
            Some("http") if address.is_this_machine() => Ok(address),
            _ => Err(refused(text, "only https keeps others from changing what is downloaded")),
        }
    }

    /// Where an answer sends us on to. From https it leads to https only.
    pub(crate) fn next(&self, location: &str) -> Result<Self, Refusal> {
        let next = if location.starts_with('/') && !location.starts_with("//") {
            let (scheme, authority) = (self.0.scheme_str().unwrap_or_default(), self.0.authority());
            Self::parse(&format!("{scheme}://{}{location}", authority.map_or("", |authority| authority.as_str())))?
        } else {
            Self::parse(location)?
        };
        if self.0.scheme_str() == Some("https") && next.0.scheme_str() != Some("https") {
            return Err(refused(location, "a safe address led to it, and it is not safe"));
        }
        Ok(next)
    }

    pub(crate) fn is_this_machine(&self) -> bool {
        let host = self.0.host().unwrap_or_default().trim_matches(['[', ']']);
        host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The machine, to be shown before anything is asked of it.
    pub fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.0
    }
}

fn refused(text: &str, why: &str) -> Refusal {
    Refusal::new(
        "download.address",
        format!("Nothing is downloaded from {text}: {why}."),
        "Name an address that begins with https.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_asked() {
        for good in ["https://hub.example/a?b=c", "http://127.0.0.1:8080/a", "http://[::1]/a", "https://127.0.0.1/a"] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://hub.example/a",
            "http://localhost/a",
            "http://127.0.0.1.example/a",
            "ftp://hub.example/a",
            "file:///etc/hostname",
            "https://me:secret@hub.example/a",
            "/a",
            "hub.example/a",
            "",
            "https://",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_safe_address_never_leads_to_an_unsafe_one() {
        let safe = Address::parse("https://hub.example/a/b").expect("https");
        for good in ["https://store.example/x", "/elsewhere"] {
            assert!(safe.next(good).is_ok(), "{good}");
        }
        for bad in ["http://hub.example/a", "http://127.0.0.1/a", "//evil.example/a", "b", "javascript:x"] {
            assert!(safe.next(bad).is_err(), "{bad}");
        }
        let own = Address::parse("http://127.0.0.1:1/a").expect("this machine");
        assert_eq!(own.next("/b"), Address::parse("http://127.0.0.1:1/b"));
        assert!(own.next("http://hub.example/a").is_err());
    }
}
