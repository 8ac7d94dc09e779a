//! What a file says of itself, in words for somebody who has never heard of signed histories: whether it was changed, who signed it, how it
//! was made, and the mark in its pictures.
//!
//! The studio found the facts; here each gets its sentence. It must never say more than was found: nothing here calls a file true or false.

use crate::films::look_at_file;
use crate::lang::{t, tf, tn};
use crate::state::{Looked, Overlay, studio};
use crate::widgets::{Button, Dialog, Icon, IconButton, Kind, ProblemNote};
use kinora_api::*;
use leptos::prelude::*;

#[component]
pub fn Verify() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    view! {
        <Dialog label=t("verify") testid="verify" class="verify" close>
            <div class="dialog-head"><h2>{t("verify")}</h2>
                <IconButton label=t("close") icon="x" testid="verify-close" on_press=move || close.run(())/></div>
            // Said aloud as soon as it is known.
            <div class="verify-found" role="status" aria-live="polite" aria-busy=move || matches!(studio.looked.get(), Looked::Looking(_)).to_string()>
                {move || match studio.looked.get() {
                    Looked::Nothing => ().into_any(),
                    Looked::Looking(name) => view! { <p data-testid="verify-looking">{tf("verify-looking", &[("name", &name)])}</p> }.into_any(),
                    Looked::Found(name, report) => view! { <Found name report/> }.into_any(),
                    Looked::Trouble(name, problem) => view! {
                        <p class="verify-name">{name}</p><ProblemNote problem=Signal::stored(problem)/>
                    }.into_any(),
                }}
            </div>
            <div class="form-buttons">
                <Button label=t("verify-another") kind=Kind::Quiet testid="verify-another" on_press=move || look_at_file(studio)/>
                <Button label=t("done") kind=Kind::Primary testid="verify-done" on_press=move || close.run(())/>
            </div>
        </Dialog>
    }
}

#[component]
fn Found(name: String, report: FileReport) -> impl IntoView {
    let (state, icon, title, words) = verdict(&report);
    let faults: Vec<_> = report.faults.iter().map(|fault| fault_words(*fault).to_owned()).collect();
    view! {
        <p class="verify-name" data-testid="verify-name">{name}</p>
        <div class=format!("verify-verdict {state}") data-testid="verify-verdict" data-verdict=state>
            <Icon name=icon/>
            <div><strong>{title}</strong><p>{words}</p></div>
        </div>
        {part("verify-wrong", t("verify-wrong"), faults)}
        {part("verify-who", t("verify-who"), who(&report))}
        {part("verify-how", t("verify-how"), how(&report))}
        {part("verify-mark", t("verify-mark"), mark(&report))}
    }
}

/// A heading and its sentences; nothing when there are none.
fn part(testid: &'static str, title: &'static str, sentences: Vec<String>) -> impl IntoView {
    (!sentences.is_empty()).then(|| {
        view! {
            <section class="verify-part" aria-label=title data-testid=testid>
                <h3>{title}</h3>
                <ul>{sentences.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()}</ul>
            </section>
        }
    })
}

fn is_marked(report: &FileReport) -> bool {
    matches!(report.mark, FileMark::Film(_) | FileMark::Faint)
}

/// Its name for tests and colours, its icon, the answer in a few words, and what that means.
fn verdict(report: &FileReport) -> (&'static str, &'static str, &'static str, String) {
    match report.verdict {
        FileVerdict::Whole => ("whole", "circle-check", t("verify-whole"), t("verify-whole-words").to_owned()),
        FileVerdict::Changed => {
            ("changed", "triangle-alert", t("verify-changed"), t("verify-changed-words").to_owned())
        }
        FileVerdict::Unsigned => {
            let title = if is_marked(report) { t("verify-marked") } else { t("verify-unsigned") };
            let words = match (report.can_hold, is_marked(report)) {
                (false, _) => tf("verify-cannot-hold", &[("kind", &report.kind)]),
                (true, true) => t("verify-marked-words").to_owned(),
                (true, false) => t("verify-unsigned-words").to_owned(),
            };
            ("unsigned", "info", title, words)
        }
    }
}

fn who(report: &FileReport) -> Vec<String> {
    let Some(signer) = &report.signer else { return Vec::new() };
    let name = if signer.name.is_empty() { t("verify-nameless") } else { signer.name.as_str() };
    let mut sentences = vec![match &report.program {
        Some(program) => tf("verify-signed-with", &[("name", &name), ("program", program)]),
        None => tf("verify-signed-by", &[("name", &name)]),
    }];
    sentences.push(
        match (signer.trusted, signer.own) {
            (true, _) => t("verify-trusted"),
            (false, true) => t("verify-own"),
            (false, false) => t("verify-stranger"),
        }
        .to_owned(),
    );
    sentences.extend(report.made_at.as_ref().map(|time| tf("verify-made-at", &[("time", time)])));
    sentences
}

fn how(report: &FileReport) -> Vec<String> {
    let mut sentences = Vec::new();
    sentences.extend(report.origin.map(|origin| origin_words(origin).to_owned()));
    for take in &report.takes {
        let size = format!("{} × {}", take.size.width, take.size.height);
        sentences.push(tf(
            "verify-take",
            &[("model", &take.model), ("n", &take.frames), ("size", &size), ("seed", &take.seed)],
        ));
        sentences.extend(take.prompt.as_ref().map(|prompt| tf("verify-prompt", &[("prompt", prompt)])));
    }
    sentences.extend(report.parts.iter().map(|title| tf("verify-made-from", &[("title", title)])));
    for (count, one, many) in [
        (report.left_out, t("verify-more-one"), "verify-more-many"),
        (report.recorded, t("verify-recorded-one"), "verify-recorded-many"),
        (report.imported, t("verify-imported-one"), "verify-imported-many"),
        (report.spoken, t("verify-spoken-one"), "verify-spoken-many"),
        (report.consents, t("verify-consents-one"), "verify-consents-many"),
        (report.histories, t("verify-histories-one"), "verify-histories-many"),
    ] {
        if count > 0 {
            sentences.push(if count == 1 { one.to_owned() } else { tf(many, &[("n", &count)]) });
        }
    }
    sentences
}

fn origin_words(origin: FileOrigin) -> &'static str {
    match origin {
        FileOrigin::Generated => t("verify-generated"),
        FileOrigin::Mixed => t("verify-mixed"),
        FileOrigin::Recorded => t("verify-recorded"),
        FileOrigin::Imported => t("verify-imported"),
        FileOrigin::Drawn => t("verify-drawn"),
    }
}

fn fault_words(fault: FileFault) -> &'static str {
    match fault {
        FileFault::Contents => t("verify-fault-contents"),
        FileFault::Layout => t("verify-fault-layout"),
        FileFault::Signature => t("verify-fault-signature"),
        FileFault::PartChanged => t("verify-fault-part"),
        FileFault::PartMissing => t("verify-fault-missing"),
        FileFault::CertificateExpired => t("verify-fault-expired"),
        FileFault::CertificateRevoked => t("verify-fault-revoked"),
        FileFault::CertificateUnfit => t("verify-fault-certificate"),
        FileFault::Unreadable => t("verify-fault-unreadable"),
    }
}

fn mark(report: &FileReport) -> Vec<String> {
    let found = match &report.mark {
        FileMark::Film(film) => tf("verify-mark-film", &[("film", film)]),
        FileMark::Faint => t("verify-mark-faint").to_owned(),
        FileMark::NotFound(frames) => tn("verify-mark-none-one", "verify-mark-none-many", *frames as usize),
        FileMark::NoPictures => t("verify-mark-no-pictures").to_owned(),
        FileMark::NotLooked => t("verify-mark-not-looked").to_owned(),
    };
    let note = is_marked(report).then(|| t("verify-mark-note").to_owned());
    [Some(found), note].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsigned(mark: FileMark) -> FileReport {
        FileReport {
            verdict: FileVerdict::Unsigned,
            kind: "MP4".to_owned(),
            can_hold: true,
            signer: None,
            made_at: None,
            program: None,
            origin: None,
            takes: Vec::new(),
            recorded: 0,
            imported: 0,
            spoken: 0,
            consents: 0,
            parts: Vec::new(),
            left_out: 0,
            histories: 0,
            faults: Vec::new(),
            mark,
        }
    }

    #[test]
    fn a_mark_without_a_signature_is_said_and_a_file_with_neither_is_not_called_false() {
        let marked = unsigned(FileMark::Film("0a1b2c3d4e5".to_owned()));
        assert_eq!(verdict(&marked).2, t("verify-marked"));
        assert!(mark(&marked).iter().any(|words| words.contains("0a1b2c3d4e5")));
        let plain = unsigned(FileMark::NotFound(32));
        assert_eq!(verdict(&plain).2, t("verify-unsigned"));
        assert!(verdict(&plain).3.contains("does not make it false"), "{}", verdict(&plain).3);
        assert!(mark(&plain).iter().all(|words| words.contains("32")));
        let webm = FileReport { can_hold: false, kind: "WebM".to_owned(), ..plain };
        assert!(verdict(&webm).3.contains("WebM"));
    }

    #[test]
    fn each_thing_a_film_is_made_of_is_counted_in_words() {
        let size = kinora_document::FrameSize { width: 320, height: 180 };
        let take = FileTake { model: "draft".to_owned(), seed: 7, frames: 24, size, prompt: None };
        let report = FileReport { takes: vec![take], recorded: 1, imported: 3, ..unsigned(FileMark::NoPictures) };
        let said = how(&report);
        assert_eq!(said.len(), 3);
        assert!(said.iter().any(|words| words.contains("draft") && words.contains("320 × 180")));
        assert!(said.iter().any(|words| words.contains('3')));
    }
}
