//! `kinora policy`: the rules of this house, and the rights-holders' lists that a person adds to them.
//!
//! Whatever is changed here holds in the window too. What a PIN guards asks for it here as there.

use super::output::Output;
use clap::{Args, Subcommand, ValueEnum};
use kinora_api::{HouseProfile, PolicyView, SetPolicy};
use kinora_backend::{Gate, Trouble};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples: kinora policy\n          kinora policy set --profile family --new-pin 2468\n          \
                        kinora policy import list.json"
)]
pub struct Policy {
    #[command(subcommand)]
    pub what: Option<What>,
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum What {
    /// Put a signed opt-out list in force; its signature lies beside it as FILE.sig
    Import { file: PathBuf },
    /// Change the profile, the PIN that guards it, or what is kept of decisions
    Set(Change),
}

#[derive(Debug, Args)]
pub struct Change {
    /// Needed when there is one
    #[arg(long)]
    pub pin: Option<String>,
    /// For whom films are made here
    #[arg(long, value_enum)]
    pub profile: Option<ProfileName>,
    /// 4 to 12 digits; an empty one takes the PIN away
    #[arg(long)]
    pub new_pin: Option<String>,
    /// Whether the words of what was refused are kept with the decision
    #[arg(long)]
    pub keep_words: Option<bool>,
    /// Leave out an opt-out list that was imported
    #[arg(long, value_name = "NAME")]
    pub remove_list: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ProfileName {
    /// Drama for adults
    Standard,
    /// Everybody at the table
    Family,
    /// A school
    Classroom,
}

impl Policy {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let gate = crate::gate()?;
        let view = match &self.what {
            None => gate.view()?,
            Some(What::Import { file }) => import_list(&gate, file)?,
            Some(What::Set(change)) => gate.set(&SetPolicy {
                pin: change.pin.clone(),
                profile: change.profile.map(|profile| match profile {
                    ProfileName::Standard => HouseProfile::Standard,
                    ProfileName::Family => HouseProfile::Family,
                    ProfileName::Classroom => HouseProfile::Classroom,
                }),
                new_pin: change.new_pin.clone(),
                keeps_words: change.keep_words,
                remove_list: change.remove_list.clone(),
            })?,
        };
        output.result(&view, &words(&view));
        Ok(())
    }
}

/// Reads the list and the signature beside it.
pub fn import_list(gate: &Gate, file: &Path) -> Result<PolicyView, Trouble> {
    let mut beside = file.to_owned();
    beside.as_mut_os_string().push(".sig");
    let read = |path: &Path| {
        std::fs::read(path).map_err(|e| {
            super::fault(
                format!("{} cannot be read.", path.display()),
                "A list is two files: LIST.json and, beside it, LIST.json.sig. Ask its maker for both.",
                e,
            )
        })
    };
    gate.import_list(&read(file)?, &String::from_utf8_lossy(&read(&beside)?))
}

fn words(view: &PolicyView) -> String {
    let guarded = if view.has_pin { "guarded by a PIN" } else { "no PIN" };
    let mut text = format!("Profile: {} ({guarded})\nRules: {}", view.profile.name(), view.rules);
    for list in &view.lists {
        let key = list.key.get(..16).unwrap_or(&list.key);
        text.push_str(&format!("\nOpt-out list: {} {} of {} (key {key}…)", list.name, list.version, list.holder));
    }
    text.push_str(&format!("\n{}", view.picture_checks));
    let refused = view.decisions.iter().filter(|decision| decision.refused).count();
    let warned = view.decisions.len() - refused;
    text.push_str(&format!("\nNewest decisions: {refused} refused, {warned} warned of"));
    for problem in &view.problems {
        text.push_str(&format!("\n{problem}"));
    }
    text
}
