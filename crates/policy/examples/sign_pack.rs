//! Signs packs: `sign_pack SEED PACK.json…` writes `PACK.json.sig` beside each, and prints the public key.
//! SEED is a file of 32 random bytes, the secret half of an ed25519 key, kept outside of every repository.
//! It must never print the seed, nor make one: `head -c 32 /dev/urandom` does that.

use std::process::ExitCode;

use ed25519_dalek::{Signer as _, SigningKey};

#[expect(clippy::print_stderr, clippy::print_stdout, reason = "a program for a terminal")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().ok_or_else(|| "sign_pack SEED PACK.json…".to_owned()).and_then(|seed| sign(&seed, arguments))
    {
        Ok(key) => {
            println!("{key}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn sign(seed: &str, packs: impl Iterator<Item = String>) -> Result<String, String> {
    let read = |path: &str| std::fs::read(path).map_err(|error| format!("{path} cannot be read: {error}"));
    let bytes: [u8; 32] = read(seed)?.try_into().map_err(|_| format!("{seed} is not 32 bytes long"))?;
    let key = SigningKey::from_bytes(&bytes);
    let public = hex(key.verifying_key().as_bytes());
    for pack in packs {
        let signature = key.sign(&[kinora_policy::SIGNED_AS, &read(&pack)?].concat());
        let text = format!("key: {public}\nsignature: {}\n", hex(&signature.to_bytes()));
        std::fs::write(format!("{pack}.sig"), text)
            .map_err(|error| format!("{pack}.sig cannot be written: {error}"))?;
    }
    Ok(public)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
