//! `kinora cameo`: likenesses, the consents they may be used under, and what belongs to their subjects.
//!
//! The same service as the window's Cameo room. A recording leaves the vault only with `export`, which its subject asks for.

use super::cameo_terms::TermsOptions;
use super::output::Output;
use clap::{Args, Subcommand, ValueEnum};
use kinora_api::{CameoView, ConsentState, SecretState};
use kinora_backend::{Consents, NewCameo, Trouble};
use kinora_document::{CameoKind, CameoUse, Command, Purpose};
use kinora_ports::vault::{Passphrase, Place};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
#[command(
    after_help = "Example: kinora cameo add \"Ada\" --i-am-this-person --file me.mp4 --purpose story --until 2027-12-31"
)]
pub struct Cameo {
    #[command(subcommand)]
    pub task: Task,
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    Person,
    Pet,
    Toy,
    Drawing,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Show every cameo: who, under which consent, what was made
    List,
    /// Decide where the secret that opens the recordings is kept, where there is no keychain
    Keys {
        /// Sealed with KINORA_PASSPHRASE, or else with a line from standard input
        #[arg(long, conflicts_with = "key_file")]
        passphrase: bool,
        /// In a file that only this account may read; whoever copies the disk has it
        #[arg(long)]
        key_file: bool,
    },
    /// Seal recordings or pictures, and put the consent for them on record
    Add {
        /// Who or what it is
        name: Option<String>,
        #[arg(long, value_enum, default_value = "person")]
        kind: Kind,
        /// A clip, picture or sound of it; several are allowed
        #[arg(long = "file", required = true)]
        files: Vec<PathBuf>,
        /// Who consents for a pet, toy or drawing: its owner or maker
        #[arg(long)]
        by: Option<String>,
        /// You are the person in the recording
        #[arg(long)]
        i_am_this_person: bool,
        /// The signed consent of the person in somebody else's recording
        #[arg(long, conflicts_with_all = ["name", "by", "i_am_this_person"])]
        consent: Option<PathBuf>,
        #[command(flatten)]
        terms: TermsOptions,
    },
    /// Give a new consent in place of the one on record, or write or read a signed consent file
    Consent {
        /// Its name or the first digits of its id
        cameo: Option<String>,
        /// Write the consent on record into a file, to hand on
        #[arg(short, long, conflicts_with = "input")]
        output: Option<PathBuf>,
        /// Bring in a newer signed consent for a cameo that is here
        #[arg(long, conflicts_with = "cameo")]
        input: Option<PathBuf>,
        #[command(flatten)]
        terms: TermsOptions,
    },
    /// Put a recording into the film: a layer cut out of its surroundings, and its voice on a track of its own
    Place(super::cameo_place::PlaceOptions),
    /// Give a cameo's likeness to somebody in a film's cast
    Cast {
        cameo: String,
        #[arg(long)]
        project: PathBuf,
        /// As the script writes the name
        #[arg(long = "as")]
        role: String,
        #[arg(long, value_parser = super::cameo_terms::parse_purpose, default_value = "story")]
        purpose: Purpose,
    },
    /// Take the consent back: nothing is made with the cameo from now on
    Revoke {
        cameo: String,
        /// A film whose takes are marked at once
        #[arg(long)]
        project: Option<PathBuf>,
        /// Destroy those takes
        #[arg(long, requires = "project")]
        purge: bool,
    },
    /// Write everything there is about it into a folder, unsealed
    Export {
        cameo: String,
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Destroy its key, recordings and record
    Delete {
        cameo: String,
        /// It cannot be undone
        #[arg(long)]
        yes: bool,
    },
}

impl Cameo {
    pub fn run(self, output: &Output) -> Result<(), Trouble> {
        let studio = crate::studio()?;
        let consents = &studio.tools.consents;
        match self.task {
            Task::List => list(consents, output),
            Task::Keys { passphrase, key_file } => keys(consents, passphrase, key_file, output),
            Task::Add { name, kind, files, by, i_am_this_person, consent, terms } => {
                let id = match consent {
                    Some(file) => consents.add_from_file(&read(&file)?, &files)?,
                    None => {
                        let (name, given_by) = who(name, kind, by, i_am_this_person)?;
                        let attestation = terms.attest.clone();
                        let new =
                            NewCameo { kind: kind.into(), name, given_by, terms: terms.terms()?, attestation, files };
                        consents.add(new)?
                    }
                };
                told(consents, &id.to_string(), output)
            }
            Task::Consent { cameo, output: file, input, terms } => {
                let id = match (cameo, file, input) {
                    (_, _, Some(file)) => consents.take_consent(&read(&file)?)?,
                    (Some(cameo), Some(file), _) => {
                        let id = consents.find(&cameo)?.id;
                        write(&file, &consents.consent_file(id)?)?;
                        id
                    }
                    (Some(cameo), None, _) => {
                        let id = consents.find(&cameo)?.id;
                        consents.renew(id, terms.terms()?, terms.attest)?;
                        id
                    }
                    (None, _, None) => {
                        return Err(Trouble::refuse(
                            "cameo.which",
                            "It is not said which cameo this is about.",
                            "Give its name, or --input FILE.",
                        ));
                    }
                };
                told(consents, &id.to_string(), output)
            }
            Task::Cast { cameo, project, role, purpose } => {
                let view = consents.find(&cameo)?;
                let consent = view.consents.first().map(|newest| newest.consent).ok_or_else(|| unreadable(&view))?;
                let using = CameoUse { cameo: view.id, consent, purpose };
                // Refused here already, in words, rather than at the first take.
                consents.permit(using)?;
                let film = super::open_or_create(&studio, &project, "")?;
                film.session
                    .edit(&cast(&film.session.film(), &role, using, studio.tools.entropy.random_u128()), None)?;
                let text = format!("{} has the likeness of {} in {}.", role, view.name, project.display());
                output.result(&json!({ "cast": role, "cameo": view.id, "consent": consent }), &text);
                Ok(())
            }
            Task::Place(options) => options.run(&studio, output),
            Task::Revoke { cameo, project, purge } => {
                let view = consents.find(&cameo)?;
                let Some(project) = project else {
                    let count = consents.revoke(view.id)?.len();
                    let text = format!(
                        "The consents for {} are taken back. Films mark their takes when they are opened.",
                        view.name
                    );
                    output.result(&json!({ "cameo": view.id, "consents": count }), &text);
                    return Ok(());
                };
                let film = super::open_or_create(&studio, &project, "")?;
                let withdrawn = film.revoke(view.id)?;
                let purged = if purge { film.purge(view.id)? } else { 0 };
                let text = format!(
                    "The consents for {} are taken back; {} takes are marked, {purged} destroyed.",
                    view.name, withdrawn.takes
                );
                output.result(&json!({ "cameo": view.id, "takes": withdrawn.takes, "purged": purged }), &text);
                Ok(())
            }
            Task::Export { cameo, output: folder } => {
                let view = consents.find(&cameo)?;
                let files = consents.export(view.id, &folder)?;
                let text = format!(
                    "{}: {files} files about {}, unsealed. Keep them as you would keep the person.",
                    folder.display(),
                    view.name
                );
                output.result(&json!({ "cameo": view.id, "files": files }), &text);
                Ok(())
            }
            Task::Delete { cameo, yes } => {
                let view = consents.find(&cameo)?;
                if !yes {
                    return Err(Trouble::refuse(
                        "cameo.delete",
                        format!(
                            "{} with its {} recordings would be destroyed for good.",
                            view.name,
                            view.recordings.len()
                        ),
                        "Say --yes if that is meant; `kinora cameo export` keeps a copy first.",
                    ));
                }
                let said = consents.delete(view.id)?;
                output.result(&json!({ "cameo": view.id, "said": said }), &said.join("\n"));
                Ok(())
            }
        }
    }
}

impl From<Kind> for CameoKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Person => Self::Person,
            Kind::Pet => Self::Pet,
            Kind::Toy => Self::Toy,
            Kind::Drawing => Self::Drawing,
        }
    }
}

/// The subject's name and whose consent it is.
fn who(name: Option<String>, kind: Kind, by: Option<String>, i_am: bool) -> Result<(String, String), Trouble> {
    let name = name.ok_or_else(|| Trouble::refuse("cameo.name", "A cameo needs a name.", "Give it first."))?;
    match (kind, by, i_am) {
        (Kind::Person, _, true) => Ok((name.clone(), name)),
        (Kind::Person, _, false) => Err(Trouble::refuse(
            "consent.somebody_else",
            "Only the person in a recording can consent to it.",
            "Say --i-am-this-person if it is you; otherwise bring in their signed consent file with --consent FILE.",
        )),
        (_, Some(by), _) => Ok((name, by)),
        (_, None, _) => {
            Err(Trouble::refuse("cameo.by", "It is not said who consents.", "Give the owner or maker with --by NAME."))
        }
    }
}

/// The member of that name with the likeness, or a new one.
fn cast(film: &kinora_document::Film, role: &str, using: CameoUse, id: u128) -> Command {
    use kinora_document::prompt::same_name;
    let known = film.cast.iter().find(|member| same_name(&member.name, role)).cloned();
    let mut member = known.unwrap_or_else(|| kinora_document::CastMember {
        id: kinora_document::CastId(id),
        role: kinora_document::CastRole::Character,
        name: role.to_owned(),
        descriptor: String::new(),
        references: Vec::new(),
        voice: String::new(),
        seed: None,
        wardrobe: std::collections::BTreeMap::new(),
        colour: None,
        cameo: None,
    });
    member.cameo = Some(using);
    Command::SetCast { member }
}

fn keys(consents: &Consents, passphrase: bool, key_file: bool, output: &Output) -> Result<(), Trouble> {
    if passphrase {
        consents.decide(&Place::Passphrase(asked()?))?;
    } else if key_file {
        consents.decide(&Place::KeyFile)?;
    }
    let answer = consents.list()?;
    let key = answer.key.map(|key| key.to_string()).unwrap_or_default();
    let text = match answer.keeping {
        SecretState::Ready => format!("The secret is kept in {}. Others name you by the key {key}.", answer.place),
        SecretState::Locked => "The secret is locked with a passphrase: set KINORA_PASSPHRASE.".to_owned(),
        SecretState::Undecided => {
            "There is no keychain here. Decide with --passphrase, or with --key-file if others cannot get at this disk."
                .to_owned()
        }
    };
    output.result(&json!({ "keeping": answer.keeping, "place": answer.place, "key": answer.key }), &text);
    Ok(())
}

/// Never an argument, which every program on the machine can read.
fn asked() -> Result<Passphrase, Trouble> {
    if let Some(words) = crate::passphrase() {
        return Ok(words);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| super::fault("No passphrase could be read.", "Try again.", e))?;
    Ok(Passphrase(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn list(consents: &Consents, output: &Output) -> Result<(), Trouble> {
    let answer = consents.list()?;
    let text = if answer.cameos.is_empty() {
        "There are no cameos.".to_owned()
    } else {
        answer.cameos.iter().map(described).collect::<Vec<_>>().join("\n")
    };
    output.result(&answer, &text);
    Ok(())
}

fn told(consents: &Arc<Consents>, id: &str, output: &Output) -> Result<(), Trouble> {
    let view = consents.find(id)?;
    output.result(&view, &described(&view));
    Ok(())
}

/// In plain words, several lines.
fn described(view: &CameoView) -> String {
    let short: String = view.id.to_string().chars().take(8).collect();
    if let Some(problem) = &view.problem {
        return format!("{short}  {} {}", problem.what, problem.remedy);
    }
    let mut text = format!("{short}  {}, {} recordings, {} pictures", view.name, view.recordings.len(), view.pictures);
    if let Some(newest) = view.consents.first() {
        let state = match newest.state {
            ConsentState::Holds => "holds",
            ConsentState::Expired => "has ended",
            ConsentState::Revoked { .. } => "was taken back",
            ConsentState::Replaced => "was replaced",
        };
        let purposes: Vec<&str> = newest.terms.purposes.iter().map(|purpose| purpose.name()).collect();
        text.push_str(&format!("\n    consent of {} for {}: {state}", view.given_by, purposes.join(", ")));
        if !newest.terms.restrictions.is_empty() {
            text.push_str(&format!("\n    “{}”", newest.terms.restrictions));
        }
        for unchecked in &newest.not_verified {
            text.push_str(&format!("\n    not checked: {unchecked}"));
        }
    }
    for used in &view.used {
        text.push_str(&format!("\n    made: {}, shot {}", used.film, used.shot));
    }
    text
}

fn unreadable(view: &CameoView) -> Trouble {
    match &view.problem {
        Some(problem) => Trouble(problem.clone()),
        None => Trouble::refuse("consent.missing", "There is no consent for this cameo.", "Add it anew."),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    let length = std::fs::metadata(path).map_err(|e| crate::screenplay_file::unreadable(path, &e))?.len();
    // What is longer is no consent file; the service says so of what it gets.
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > 1 << 20 {
        return Err(Trouble::refuse(
            "consent.unfit",
            format!("{} is too long to be a signed consent.", path.display()),
            "Choose the file that was exported as one.",
        ));
    }
    std::fs::read(path).map_err(|e| crate::screenplay_file::unreadable(path, &e))
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    std::fs::write(path, text).map_err(|e| {
        super::fault(
            format!("The consent could not be written to {} ({e}).", path.display()),
            "Check that the folder is there and that you may write to it.",
            e,
        )
    })
}
