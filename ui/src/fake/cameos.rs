//! Pretended cameos: one that is on record, and whatever the page adds, takes back or deletes.

use super::{Pretended, hash_of, mint, problem, read, with};
use kinora_api::*;
use kinora_document::{Audience, BlobHash, CameoId, CameoKind, PersonKey, Purpose, Terms};
use serde_json::Value;
use std::collections::BTreeSet;

const TODAY: i64 = 1_795_600_000_000;

pub fn sample() -> Vec<CameoView> {
    let terms = Terms {
        purposes: BTreeSet::from([Purpose::Story, Purpose::Teaching]),
        restrictions: "No smoking, no swimming.".into(),
        audience: Audience::OnlyMe,
        until_millis: Some(TODAY + 400 * 86_400_000),
    };
    vec![view(CameoId(7), CameoKind::Person, "Ada", "Ada", terms)]
}

fn view(id: CameoId, kind: CameoKind, name: &str, given_by: &str, terms: Terms) -> CameoView {
    CameoView {
        id,
        kind,
        name: name.into(),
        given_by: given_by.into(),
        consents: vec![consent(id.0, terms)],
        recordings: vec![RecordingView { name: "recording-1.mp4".into(), bytes: 8_400_000 }],
        pictures: 4,
        used: Vec::new(),
        problem: None,
    }
}

fn consent(number: u128, terms: Terms) -> ConsentView {
    ConsentView {
        consent: hash_of(number),
        at_millis: TODAY,
        terms,
        state: ConsentState::Holds,
        from_file: false,
        verified: vec!["Recording 1 plays: 240 pictures, with sound.".into()],
        not_verified: vec!["That the person in the recording is the one who consents.".into()],
        attestation: None,
    }
}

fn change(studio: &mut Pretended, id: CameoId, act: impl FnOnce(&mut CameoView)) {
    if let Some(view) = studio.cameos.iter_mut().find(|view| view.id == id) {
        act(view);
    }
}

/// As if two steps had been recorded, one of them with a doubt.
fn enrolment() -> EnrolmentView {
    let step = |asks: StepAsks, findings: &[Finding]| StepView {
        asks,
        millis: 4_000,
        findings: findings.to_vec(),
        recorded: !findings.is_empty(),
        attempts: u32::from(!findings.is_empty()),
    };
    EnrolmentView {
        camera: Some("Built-in camera".into()),
        microphone: Some("Built-in microphone".into()),
        without: Vec::new(),
        steps: vec![
            step(StepAsks::Look, &[Finding::Face, Finding::Sharp, Finding::TooDark]),
            step(StepAsks::TurnRight, &[Finding::Face, Finding::Turned, Finding::Lit]),
            step(StepAsks::Say("402917".into()), &[]),
            step(StepAsks::TurnLeft, &[]),
        ],
        doing: EnrolmentDoing::Watching,
        level_millibels: -1_800,
        hints: vec![EnrolmentHint::TooDark],
        problem: None,
        complete: false,
    }
}

/// None for a question that is not about cameos.
pub fn answer(command: &str, request: &Value) -> Option<Result<Result<Value, serde_json::Error>, Problem>> {
    let request = request.clone();
    Some(match command {
        "cameos" => Ok(serde_json::to_value(with(|studio| CameosAnswer {
            keeping: SecretState::Ready,
            place: "a file that only this account may read".into(),
            key: Some(PersonKey(BlobHash([0x5a; 32]))),
            cameos: studio.cameos.clone(),
        }))),
        "add_cameo" => read::<AddCameo>(request).map(|new| {
            serde_json::to_value(with(|studio| {
                let id = CameoId(mint(studio));
                studio.cameos.push(view(id, new.kind, &new.name, &new.given_by, new.terms));
                id
            }))
        }),
        "renew_consent" => read::<RenewConsent>(request).map(|new| {
            with(|studio| {
                let number = mint(studio);
                change(studio, new.cameo, |view| {
                    view.consents.iter_mut().for_each(|old| old.state = ConsentState::Replaced);
                    view.consents.insert(0, consent(number, new.terms));
                });
            });
            Ok(Value::Null)
        }),
        "revoke_cameo" => read::<CameoId>(request).map(|id| {
            with(|studio| {
                change(studio, id, |view| {
                    view.consents.iter_mut().for_each(|old| old.state = ConsentState::Revoked { at_millis: TODAY });
                });
            });
            serde_json::to_value(Withdrawn { jobs: 0, takes: 0 })
        }),
        "delete_cameo" => read::<CameoId>(request).map(|id| {
            with(|studio| studio.cameos.retain(|view| view.id != id));
            serde_json::to_value(vec!["The cameo's key was destroyed."])
        }),
        "devices" => {
            let device = |id: &str, name: &str| DeviceView { id: id.into(), name: name.into() };
            Ok(serde_json::to_value(DevicesView {
                cameras: vec![device("camera", "Built-in camera")],
                microphones: vec![device("microphone", "Built-in microphone")],
            }))
        }
        "open_camera" | "enrolment" => Ok(serde_json::to_value(enrolment())),
        "close_camera" => Ok(Ok(Value::Null)),
        "record_step" | "finish_enrolment" | "place_cameo" => Err(problem("fake", "This is not the real studio.", "")),
        "purge_cameo" => Ok(serde_json::to_value(0)),
        "export_cameo" | "export_consent" | "import_consent" | "keep_secret" | "unlock_cameos" => {
            Err(problem("fake", "This is not the real studio.", ""))
        }
        _ => return None,
    })
}
