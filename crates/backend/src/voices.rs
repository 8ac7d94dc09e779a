//! What speaks on this machine, as a person is told of it: engines with their licences, and which languages each of them has.
//!
//! It exists so that nobody hears a voice without being able to see whose it is and under which licence. It must never name a language
//! for an engine that does not speak it while another one does.

use kinora_api::VoiceEngine;
use kinora_ports::Voice;
use std::collections::BTreeSet;

/// The engines of a catalogue in its order: the first voice of a language is the one that speaks it.
pub fn voice_engines(voice: &dyn Voice) -> Vec<VoiceEngine> {
    let mut engines: Vec<VoiceEngine> = Vec::new();
    let mut spoken: BTreeSet<String> = BTreeSet::new();
    for info in voice.catalogue() {
        let own = spoken.insert(info.language.clone()).then_some(info.language);
        match engines.iter_mut().find(|engine| (&engine.name, &engine.licence) == (&info.engine, &info.licence)) {
            Some(engine) => {
                engine.languages.extend(own);
                engine.voices.push(info.name);
            }
            None => engines.push(VoiceEngine {
                name: info.engine,
                licence: info.licence,
                distilled_from: info.distilled_from,
                languages: own.into_iter().collect(),
                voices: vec![info.name],
            }),
        }
    }
    engines
}

#[cfg(test)]
mod tests {
    use super::*;
    use kinora_ports::voice::{Spoken, VoiceInfo};
    use kinora_ports::{PortError, Refusal, Utterance};

    struct Choir(Vec<VoiceInfo>);

    impl Voice for Choir {
        fn catalogue(&self) -> Vec<VoiceInfo> {
            self.0.clone()
        }
        fn speak(&self, _: &Utterance) -> Result<Spoken, PortError> {
            Err(Refusal::new("voice.language", "This choir is silent.", "Ask another one.").into())
        }
    }

    fn info(engine: &str, person: &str, language: &str) -> VoiceInfo {
        VoiceInfo {
            name: format!("{engine}/{person}"),
            title: person.to_owned(),
            engine: engine.to_owned(),
            distilled_from: None,
            language: language.to_owned(),
            licence: format!("licence of {engine}"),
        }
    }

    #[test]
    fn each_engine_is_named_once_with_its_licence_and_the_languages_that_it_speaks() {
        let catalogue = vec![
            info("great", "ada", "en-US"),
            info("great", "ben", "en-US"),
            info("middling", "en-US", "en-US"),
            info("small", "en-US", "en-US"),
            info("small", "de-DE", "de-DE"),
        ];
        let engines = voice_engines(&Choir(catalogue));
        let told: Vec<_> =
            engines.iter().map(|e| (e.name.as_str(), e.licence.as_str(), e.languages.join(" "))).collect();
        let wanted = [
            ("great", "licence of great", "en-US".to_owned()),
            ("middling", "licence of middling", String::new()),
            ("small", "licence of small", "de-DE".to_owned()),
        ];
        assert_eq!(told, wanted);
        assert_eq!(engines[0].voices, ["great/ada", "great/ben"]);
    }
}
