//! The record of consents on a disk that fails: whatever call fails, and however, the record is as before or as after and never damaged, and
//! what was acknowledged stays, past a power cut too.

#[path = "support/studio.rs"]
mod studio;

use kinora_backend::{ConsentTools, Consents, Gate, House, NewCameo};
use kinora_document::{CameoId, CameoKind, CameoUse, Purpose};
use kinora_ports::Disk;
use kinora_ports::fakes::{Dice, FailingDisk, How, MemoryKeeper, MemoryVault, SimulatedDisk};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use studio::{DAY, Numbers, SetClock, TODAY, terms};

struct Desk {
    vault: MemoryVault,
    keeper: Arc<MemoryKeeper>,
    clock: Arc<SetClock>,
    gate: Arc<Gate>,
}

impl Desk {
    fn service(&self, disk: Arc<dyn Disk>) -> Consents {
        Consents::new(ConsentTools {
            disk,
            vault: Arc::new(self.vault.clone()),
            keeper: self.keeper.clone(),
            clock: self.clock.clone(),
            entropy: Arc::new(Numbers(Mutex::new(Dice(5)))),
            decoder: Arc::new(kinora_media::GstDecoder::new()),
            gate: self.gate.clone(),
        })
    }
}

fn begun(picture: &std::path::Path) -> (Desk, Arc<SimulatedDisk>, CameoId, CameoUse) {
    let clock = Arc::new(SetClock(AtomicI64::new(TODAY)));
    let rules = Arc::new(SimulatedDisk::new());
    let house =
        House::open(rules, clock.clone(), Arc::new(Numbers(Mutex::new(Dice(6))))).expect("the rules of the house");
    let desk = Desk {
        vault: MemoryVault::default(),
        keeper: Arc::new(MemoryKeeper::new(1)),
        clock,
        gate: Arc::new(Gate::new(Arc::new(house), Arc::new(kinora_ports::NoPictureChecker))),
    };
    let disk = Arc::new(SimulatedDisk::new());
    let consents = desk.service(disk.clone());
    let new = NewCameo {
        kind: CameoKind::Toy,
        name: "Rabbit".to_owned(),
        given_by: "Ada".to_owned(),
        terms: terms(Some(TODAY + 90 * DAY)),
        attestation: None,
        files: vec![picture.to_owned()],
    };
    let cameo = consents.add(new).expect("added");
    let consent = consents.find("Rabbit").expect("on record").consents[0].consent;
    (desk, disk, cameo, CameoUse { cameo, consent, purpose: Purpose::Story })
}

#[test]
fn every_disk_error_leaves_the_record_as_before_or_as_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("rabbit.png");
    image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 3, y as u8 * 3, 90]))
        .save(&picture)
        .expect("written");
    let mut errors = 0;
    for how in [How::Nothing, How::Half, How::All] {
        for number in 1.. {
            let (desk, disk, cameo, using) = begun(&picture);
            let failing = Arc::new(FailingDisk::new(disk.clone(), number, 1, how));
            let done = desk.service(failing.clone()).revoke(cameo);
            if !failing.has_failed() {
                break;
            }
            errors += 1;
            let why = format!("call {number}, {how:?}");
            let after = desk.service(disk.clone());
            match (done, after.permit(using)) {
                (Ok(_), Err(trouble)) => assert_eq!(trouble.0.rule, "consent.revoked", "{why}"),
                (Ok(_), Ok(_)) => panic!("{why}: acknowledged and not on record"),
                (Err(_), Ok(_)) => {}
                (Err(_), Err(trouble)) => assert_eq!(trouble.0.rule, "consent.revoked", "{why}: {trouble}"),
            }
            // Asked again on a disk that works, it is done, and stays.
            desk.service(disk.clone()).revoke(cameo).unwrap_or_else(|trouble| panic!("{why}: {trouble}"));
            disk.power_cut(number);
            let rule = desk.service(disk.clone()).permit(using).expect_err("taken back").0.rule;
            assert_eq!(rule, "consent.revoked", "{why}, after a power cut");
        }
    }
    assert!(errors > 20, "{errors} errors were met");
}
