//! The record of one cameo on one machine, read line by line and believed only whole.
//!
//! Reading checks link, signature, order and meaning of every line, and the head that is kept apart, so that an edited, reordered, cut or
//! replayed record is named with its first wrong line. It must never give a ledger that stops before the damage and goes on as if all were well.

use crate::consent::SignedConsent;
use crate::denial::{Damage, Denied, Why};
use crate::heads::Head;
use crate::key::DeviceKey;
use crate::line::{self, Entry, GENESIS, Said};
use crate::permit::{Ask, ConsentedCameo};
use kinora_document::{BlobHash, CameoId, PersonKey, limits};

/// A cameo used in every take of the largest film stays below; more is not read at once.
pub const MAX_LEDGER_BYTES: usize = 64 << 20;

/// A consent on record, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub signed: SignedConsent,
    pub hash: BlobHash,
    /// Brought in from a file, not given here.
    pub taken: bool,
    pub revoked_at: Option<i64>,
    /// Another one was put on record after it.
    pub replaced: bool,
}

/// Something made with the cameo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub at_millis: i64,
    pub consent: BlobHash,
    pub take: BlobHash,
    pub film: String,
    pub shot: String,
}

#[derive(Clone, Debug)]
pub struct Ledger {
    cameo: CameoId,
    device: PersonKey,
    lines: u64,
    link: BlobHash,
    bytes: usize,
    latest_millis: i64,
    consents: Vec<Standing>,
    used: Vec<Used>,
}

impl Ledger {
    pub fn new(cameo: CameoId, device: PersonKey) -> Self {
        let (consents, used) = (Vec::new(), Vec::new());
        Self { cameo, device, lines: 0, link: GENESIS, bytes: 0, latest_millis: 0, consents, used }
    }

    /// `head` is what is known of the record from elsewhere. Whole lines after it were written by a studio that was killed before it could
    /// say so, and count; half a line at the very end does not.
    pub fn read(text: &[u8], cameo: CameoId, device: PersonKey, head: Option<&Head>) -> Result<Self, Damage> {
        let mut ledger = Self::new(cameo, device);
        if text.len() > MAX_LEDGER_BYTES {
            return Err(Damage { line: 1, why: Why::TooLong });
        }
        let known = head.map_or(0, |head| head.lines);
        for raw in text.split_inclusive(|byte| *byte == b'\n') {
            let line = ledger.lines as usize + 1;
            let torn = !raw.ends_with(b"\n");
            if torn && ledger.lines >= known {
                break;
            }
            let text = std::str::from_utf8(raw).map_err(|_| Damage { line, why: Why::NotALine })?;
            ledger.follow(text).map_err(|why| Damage { line, why })?;
            if let Some(head) = head.filter(|head| head.lines == ledger.lines)
                && head.link != ledger.link
            {
                return Err(Damage { line, why: Why::Replaced });
            }
        }
        if ledger.lines < known {
            return Err(Damage { line: ledger.lines as usize + 1, why: Why::Cut });
        }
        Ok(ledger)
    }

    fn follow(&mut self, text: &str) -> Result<(), Why> {
        let read = line::read(text, self.cameo, self.link, self.device)?;
        if read.said.sequence != self.lines + 1 || read.said.at_millis < self.latest_millis {
            return Err(Why::Order);
        }
        self.judge(&read.said.entry).map_err(|_| Why::Order)?;
        self.take_in(read.said, read.next, text.len());
        Ok(())
    }

    /// The line that puts `entry` on record, and the ledger as it is with it. Nothing is written here.
    pub fn with(&self, entry: Entry, now_millis: i64, key: &DeviceKey) -> Result<(String, Self), Denied> {
        self.judge(&entry)?;
        let at_millis = now_millis.max(self.latest_millis);
        let said = Said { sequence: self.lines + 1, at_millis, entry };
        let text = line::write(&said, self.cameo, self.link, key);
        if self.bytes + text.len() > MAX_LEDGER_BYTES {
            return Err(Denied::Full);
        }
        let mut after = self.clone();
        after.take_in(said, line::after(&text), text.len());
        Ok((text, after))
    }

    fn judge(&self, entry: &Entry) -> Result<(), Denied> {
        match entry {
            Entry::Given { consent } | Entry::Taken { consent } => {
                let given = consent.consent();
                let here = given.key == self.device;
                if given.cameo != self.cameo {
                    return Err(Denied::AnotherCameo);
                }
                if matches!(entry, Entry::Given { .. }) != here || !given.admits(self.device) {
                    return Err(Denied::WrongPerson { name: given.given_by.clone() });
                }
                let newer = |standing: &Standing| standing.signed.consent().at_millis >= given.at_millis;
                if self.consents.iter().any(newer) {
                    return Err(Denied::Replayed);
                }
                // A cameo belongs to whoever consented first; nobody else can speak for them later.
                if self.consents.first().is_some_and(|first| first.signed.consent().key != given.key) {
                    return Err(Denied::WrongPerson { name: given.given_by.clone() });
                }
                Ok(())
            }
            Entry::Revoked { consent } => match self.standing(*consent) {
                Some(Standing { revoked_at: None, .. }) => Ok(()),
                _ => Err(Denied::Missing),
            },
            Entry::Used { consent, film, shot, .. } => {
                let short = film.len() <= limits::NAME_BYTES && shot.len() <= limits::NAME_BYTES;
                if !short {
                    return Err(Denied::Unfit { why: "a name in it is too long" });
                }
                self.standing(*consent).map(drop).ok_or(Denied::Missing)
            }
            Entry::Purged { consent, .. } => self.standing(*consent).map(drop).ok_or(Denied::Missing),
        }
    }

    fn take_in(&mut self, said: Said, next: BlobHash, bytes: usize) {
        let at = said.at_millis;
        (self.lines, self.link, self.latest_millis) = (said.sequence, next, at);
        self.bytes += bytes;
        match said.entry {
            Entry::Given { consent: signed } => self.put_on_record(signed, false),
            Entry::Taken { consent: signed } => self.put_on_record(signed, true),
            Entry::Revoked { consent } => {
                for standing in self.consents.iter_mut().filter(|standing| standing.hash == consent) {
                    standing.revoked_at = Some(at);
                }
            }
            Entry::Used { consent, take, film, shot } => {
                self.used.push(Used { at_millis: at, consent, take, film, shot });
            }
            Entry::Purged { consent, film, .. } => {
                self.used.retain(|used| used.consent != consent || used.film != film);
            }
        }
    }

    fn put_on_record(&mut self, signed: SignedConsent, taken: bool) {
        self.consents.iter_mut().for_each(|standing| standing.replaced = true);
        let hash = signed.hash();
        self.consents.push(Standing { signed, hash, taken, revoked_at: None, replaced: false });
    }

    /// The only way to a [`ConsentedCameo`].
    pub fn permit(&self, ask: &Ask) -> Result<ConsentedCameo, Denied> {
        let standing =
            self.standing(ask.using.consent).filter(|_| ask.using.cameo == self.cameo).ok_or(Denied::Missing)?;
        let said = standing.signed.consent();
        let name = || said.name.clone();
        if let Some(at) = standing.revoked_at {
            return Err(Denied::Revoked { name: name(), at });
        }
        if standing.replaced {
            return Err(Denied::Replaced { name: name() });
        }
        if !said.admits(ask.who) || ask.who != self.device {
            return Err(Denied::WrongPerson { name: name() });
        }
        let now = ask.now_millis.max(self.latest_millis);
        if let Some(until) = said.terms.until_millis.filter(|until| *until <= now) {
            return Err(Denied::Expired { name: name(), until });
        }
        if !said.terms.purposes.contains(&ask.using.purpose) {
            return Err(Denied::WrongPurpose { name: name(), purpose: ask.using.purpose });
        }
        Ok(ConsentedCameo::minted(ask.using, said))
    }

    fn standing(&self, consent: BlobHash) -> Option<&Standing> {
        self.consents.iter().find(|standing| standing.hash == consent)
    }

    pub fn cameo(&self) -> CameoId {
        self.cameo
    }
    /// Oldest first.
    pub fn consents(&self) -> &[Standing] {
        &self.consents
    }
    /// The newest consent: the one that may hold.
    pub fn current(&self) -> Option<&Standing> {
        self.consents.last()
    }
    /// Everything made with the cameo and not destroyed, oldest first.
    pub fn used(&self) -> &[Used] {
        &self.used
    }
    /// The latest time in it; no clock that says less is believed.
    pub fn latest_millis(&self) -> i64 {
        self.latest_millis
    }
    pub fn head(&self) -> Head {
        Head { lines: self.lines, link: self.link }
    }
    /// Whole lines; what a file has beyond is half a line that was never acknowledged.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
