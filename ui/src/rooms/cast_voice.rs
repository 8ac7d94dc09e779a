//! Under the choice of a voice: what speaks on this machine, under which licence, in which languages.
//! It exists because a voice is made by somebody, too. It chooses nothing; what speaks a language is the studio's to say.

use crate::lang::{t, tf};
use crate::state::studio;
use kinora_api::VoiceEngine;
use leptos::prelude::*;

#[component]
pub fn VoiceEngines() -> impl IntoView {
    let studio = studio();
    let line = Memo::new(move |_| {
        studio.info.with(|info| info.as_ref().map(|info| spoken_by(&info.voices)).unwrap_or_default())
    });
    view! { <p class="member-cost quiet" data-testid="voice-engines">{line}</p> }
}

/// Those that speak, best first; empty where nothing does.
fn spoken_by(engines: &[VoiceEngine]) -> String {
    let speaking = engines.iter().filter(|engine| !engine.languages.is_empty());
    let named: Vec<String> = speaking.map(named).collect();
    if named.is_empty() { String::new() } else { tf("spoken-by", &[("voice", &named.join(" · "))]) }
}

fn named(engine: &VoiceEngine) -> String {
    let languages: Vec<&str> = engine.languages.iter().map(|code| language(code)).collect();
    let languages = languages.join(", ");
    match &engine.distilled_from {
        None => tf("voice-engine", &[("name", &engine.name), ("licence", &engine.licence), ("languages", &languages)]),
        Some(from) => tf(
            "voice-engine-distilled",
            &[("name", &engine.name), ("from", from), ("licence", &engine.licence), ("languages", &languages)],
        ),
    }
}

/// The name of a language; its code where we have none for it.
fn language(code: &str) -> &str {
    match code {
        "en-US" => t("language-en-us"),
        "en-GB" => t("language-en-gb"),
        "de-DE" => t("language-de-de"),
        "es-ES" => t("language-es-es"),
        "fr-FR" => t("language-fr-fr"),
        "it-IT" => t("language-it-it"),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(name: &str, from: Option<&str>, languages: &[&str]) -> VoiceEngine {
        VoiceEngine {
            name: name.to_owned(),
            licence: "Apache-2.0".to_owned(),
            distilled_from: from.map(str::to_owned),
            languages: languages.iter().map(|language| (*language).to_owned()).collect(),
            voices: Vec::new(),
        }
    }

    #[test]
    fn each_engine_that_speaks_is_named_with_its_licence_and_its_languages() {
        let line = spoken_by(&[
            engine("Kokoro-82M", None, &["en-US"]),
            engine("Hibari", Some("Kokoro-82M"), &[]),
            engine("Pico", None, &["de-DE", "pt-PT"]),
        ]);
        assert_eq!(line, "Spoken by Kokoro-82M (Apache-2.0): American English · Pico (Apache-2.0): German, pt-PT");
        let line = spoken_by(&[engine("Hibari", Some("Kokoro-82M"), &["en-US"])]);
        assert_eq!(line, "Spoken by Hibari, distilled from Kokoro-82M (Apache-2.0): American English");
        assert_eq!(spoken_by(&[]), "");
    }
}
