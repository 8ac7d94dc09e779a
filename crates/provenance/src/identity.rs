//! Who signs here: an identity made at first need, or a certificate that the person brought.
//!
//! In the person's data folder lie `certificate.pem`, which goes into every signed file, and `key.pem`, which only its owner may read.
//! Both appear together or not at all, whoever else starts at the same moment. Who has a certificate of their own puts it there
//! under these two names. The key must never be part of a message: errors name files, not contents.

use crate::certificate;
use c2pa::{BoxedSigner, SigningAlg};
use kinora_ports::provenance::Identity;
use kinora_ports::{Fault, PortError, Refusal};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use x509_parser::prelude::{FromDer, X509Certificate};

pub const CERTIFICATE: &str = "certificate.pem";
pub const KEY: &str = "key.pem";
/// A chain of a handful of certificates is a few kilobytes.
const PEM_BYTES: u64 = 1 << 18;

/// What signing takes.
pub struct Credentials {
    pub identity: Identity,
    /// Bytes of each certificate that goes into the file.
    pub chain_lengths: Vec<usize>,
    algorithm: SigningAlg,
    chain: String,
    key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the key.
        f.debug_struct("Credentials").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl Credentials {
    pub fn chain_bytes(&self) -> usize {
        self.chain_lengths.iter().sum()
    }

    pub fn algorithm(&self) -> SigningAlg {
        self.algorithm
    }

    /// Made anew for each file.
    pub fn signer(&self) -> Result<BoxedSigner, PortError> {
        c2pa::create_signer::from_keys(self.chain.as_bytes(), self.key.as_bytes(), self.algorithm, None)
            .map_err(|_| unfit("The private key cannot be used with the certificate."))
    }
}

/// The identity in `folder`; made when there is none.
pub fn of_this_installation(folder: &Path) -> Result<Credentials, PortError> {
    // Somebody else may make it at the same moment, or take it away: a few tries are enough for both.
    for _ in 0..3 {
        if folder.join(KEY).exists() {
            tighten(&folder.join(KEY)).map_err(|error| disk(folder, &error))?;
            return brought(&folder.join(CERTIFICATE), &folder.join(KEY));
        }
        make(folder)?;
    }
    brought(&folder.join(CERTIFICATE), &folder.join(KEY))
}

/// The fingerprint of the identity in `folder`, if there is one; never makes one.
pub fn fingerprint_in(folder: &Path) -> Option<String> {
    let chain = read(&folder.join(CERTIFICATE)).ok()?;
    chain_of(&chain).first().map(|leaf| fingerprint(leaf))
}

/// A chain and its key from two PEM files.
pub fn brought(certificate: &Path, key: &Path) -> Result<Credentials, PortError> {
    let chain = read(certificate)?;
    let certificates = chain_of(&chain);
    let leaf = certificates.first().ok_or_else(|| {
        let what = format!("There is no certificate in “{}”.", certificate.display());
        refusal(what, "Give a PEM file: it begins with “-----BEGIN CERTIFICATE-----”.")
    })?;
    let (_, parsed) = X509Certificate::from_der(leaf)
        .map_err(|_| unfit(&format!("The certificate in “{}” cannot be read.", certificate.display())))?;
    let algorithm = algorithm_of(&parsed)
        .ok_or_else(|| unfit("The certificate's kind of key is none that signed histories can use."))?;
    let key = read(key)?;
    let first = |mut names: Vec<&str>| names.pop().unwrap_or_default().to_owned();
    let subject = parsed.subject();
    let name = first(subject.iter_common_name().filter_map(|name| name.as_str().ok()).collect());
    let organisation = first(subject.iter_organization().filter_map(|name| name.as_str().ok()).collect());
    let self_made = organisation == certificate::ORGANISATION;
    let identity = Identity { name, organisation, fingerprint: fingerprint(leaf), self_made };
    let chain_lengths = certificates.iter().map(Vec::len).collect();
    let credentials = Credentials { identity, chain_lengths, algorithm, chain, key };
    credentials.signer()?;
    Ok(credentials)
}

/// SHA-256 of a certificate, as hexadecimal digits.
pub fn fingerprint(der: &[u8]) -> String {
    Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The certificates of a PEM text, as they go into a file.
pub fn chain_of(text: &str) -> Vec<Vec<u8>> {
    let blocks = pem::parse_many(text).unwrap_or_default();
    blocks.into_iter().filter(|block| block.tag() == "CERTIFICATE").map(pem::Pem::into_contents).collect()
}

fn algorithm_of(certificate: &X509Certificate<'_>) -> Option<SigningAlg> {
    let key = &certificate.public_key().algorithm;
    let curve = || key.parameters.as_ref().and_then(|curve| curve.as_oid().ok()).map(|curve| curve.to_id_string());
    match key.algorithm.to_id_string().as_str() {
        "1.3.101.112" => Some(SigningAlg::Ed25519),
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => Some(SigningAlg::Ps256),
        "1.2.840.10045.2.1" => match curve()?.as_str() {
            "1.2.840.10045.3.1.7" => Some(SigningAlg::Es256),
            "1.3.132.0.34" => Some(SigningAlg::Es384),
            "1.3.132.0.35" => Some(SigningAlg::Es512),
            _ => None,
        },
        _ => None,
    }
}

/// Written beside and renamed: never a certificate without its key.
fn make(folder: &Path) -> Result<(), PortError> {
    let no_chance = |error: getrandom::Error| {
        PortError::from(Fault::new(
            "No identity could be made: the system gave no random numbers.",
            "Start Kinora again.",
            error,
        ))
    };
    let (mut signer, mut voucher, mut name) = ([0; 32], [0; 32], [0; 8]);
    for secret in [&mut signer[..], &mut voucher[..], &mut name[..]] {
        getrandom::fill(secret).map_err(no_chance)?;
    }
    let made = certificate::make(signer, voucher).map_err(|error| {
        Fault::new("No identity could be made for this installation.", "Start Kinora again.", error)
    })?;
    let mut beside = folder.as_os_str().to_owned();
    beside.push(format!(".new-{:016x}", u64::from_le_bytes(name)));
    let beside = Path::new(&beside);
    let written = (|| {
        fs::create_dir_all(folder.parent().unwrap_or(Path::new(".")))?;
        private_folder(beside)?;
        write_private(&beside.join(KEY), made.key.as_bytes())?;
        write_private(&beside.join(CERTIFICATE), made.chain.as_bytes())?;
        // Fails when another process was first: then its identity is ours, too.
        match fs::rename(beside, folder) {
            Err(_) if folder.join(KEY).exists() => Ok(()),
            renamed => renamed,
        }
    })();
    _ = fs::remove_dir_all(beside);
    written.map_err(|error| disk(folder, &error))
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A copy or a careless unpacking may have opened it to others.
#[cfg(unix)]
fn tighten(key: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(key)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(key, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn tighten(_: &Path) -> io::Result<()> {
    Ok(())
}

fn read(path: &Path) -> Result<String, PortError> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(PEM_BYTES).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Refusal::new(
            "identity.unreadable",
            format!("“{}” could not be read ({error}).", path.display()),
            "Signing takes a certificate and its private key, each as a PEM file.",
        )
        .into()),
    }
}

fn unfit(what: &str) -> PortError {
    refusal(
        what.to_owned(),
        "Give the signer's certificate first, then those that vouch for it, and the private key as PKCS #8 \
         (“-----BEGIN PRIVATE KEY-----”), of one of the kinds Ed25519, ECDSA P-256, P-384, P-521 or RSA.",
    )
}

fn refusal(what: String, remedy: &str) -> PortError {
    Refusal::new("identity.unfit", what, remedy).into()
}

fn disk(folder: &Path, error: &io::Error) -> PortError {
    Fault::new(
        format!("The identity that films are signed with could not be kept in “{}”.", folder.display()),
        "Check that this folder can be written and that the disk is not full; KINORA_HOME names another place for it.",
        error,
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_made_once_and_only_its_owner_may_read_the_key() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().join("deep/identity");
        assert_eq!(fingerprint_in(&folder), None);
        let first = of_this_installation(&folder).expect("it is made");
        let again = of_this_installation(&folder).expect("it is there");
        assert_eq!(first.identity, again.identity);
        assert_eq!(fingerprint_in(&folder), Some(first.identity.fingerprint.clone()));
        assert!(first.identity.self_made);
        assert!(!format!("{first:?}").contains("PRIVATE"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(&folder.join(KEY))), (0o700, 0o600));
            fs::set_permissions(folder.join(KEY), fs::Permissions::from_mode(0o644)).expect("it can be opened up");
            of_this_installation(&folder).expect("it is there");
            assert_eq!(mode(&folder.join(KEY)), 0o600);
        }
        assert_eq!(fs::read_dir(home.path().join("deep")).expect("readable").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn eight_that_start_at_once_are_one_identity() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().join("identity");
        let made: Vec<String> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| of_this_installation(&folder))).collect();
            let one = |made: Result<Credentials, PortError>| made.expect("it is made").identity.fingerprint;
            all.into_iter().map(|thread| one(thread.join().expect("it ends"))).collect()
        });
        assert!(made.iter().all(|fingerprint| *fingerprint == made[0]), "{made:?}");
    }

    #[test]
    fn what_is_no_certificate_is_refused_in_a_sentence() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let (certificate, key) = (home.path().join("c.pem"), home.path().join("k.pem"));
        let said = |certificate: &Path| brought(certificate, &key).expect_err("it is refused").to_string();
        assert!(said(&certificate).contains("could not be read"));
        fs::write(&certificate, "hello").expect("writing");
        fs::write(&key, "secret words").expect("writing");
        assert!(said(&certificate).contains("no certificate"));
        let made = certificate::make([1; 32], [2; 32]).expect("it is made");
        fs::write(&certificate, made.chain).expect("writing");
        let sentence = said(&certificate);
        assert!(sentence.contains("cannot be used") && !sentence.contains("secret words"), "{sentence}");
    }
}
