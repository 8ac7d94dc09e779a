//! The certificates of an installation: one that signs films, and one that vouches for it and is then thrown away.
//!
//! The standard wants a chain of two, so there are two. Nobody else vouches for either: such an identity tells that two films come from
//! the same installation, and nothing about whose it is. Names of the machine or the person must never get in.

use ed25519_dalek::{Signer, SigningKey};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod,
    KeyUsagePurpose, PKCS_ED25519, PublicKeyData, SerialNumber, SignatureAlgorithm, date_time_ymd,
};
use sha2::{Digest, Sha256};

pub const ORGANISATION: &str = "Kinora, self-made";
/// "Signs documents": what it is for. The standard asks for this use or for e-mail, and readers there are that know the latter alone.
const DOCUMENT_SIGNING: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 36];
/// What comes before the 32 bytes of an Ed25519 key in PKCS #8.
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A chain, signer first, and the signer's private key.
pub struct Made {
    pub chain: String,
    pub key: String,
}

struct Key {
    key: SigningKey,
    public: [u8; 32],
}

impl Key {
    fn new(secret: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&secret);
        let public = key.verifying_key().to_bytes();
        Self { key, public }
    }

    /// Twenty bytes that stand for the key in the chain.
    fn short(&self) -> Vec<u8> {
        Sha256::digest(self.public).iter().copied().take(20).collect()
    }

    /// For people: "3f9a 11c0".
    fn name(&self) -> String {
        let short = self.short();
        let hex: Vec<String> = short.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let (left, right) = hex.split_at(hex.len() / 2);
        format!("{} {}", left.concat(), right.concat())
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.key.sign(message).to_bytes().to_vec())
    }
}

/// Makes both from secrets that the caller drew; the second is used once.
pub fn make(signer: [u8; 32], voucher: [u8; 32]) -> Result<Made, rcgen::Error> {
    let (signer_key, voucher_key) = (Key::new(signer), Key::new(voucher));
    let name = signer_key.name();
    let mut authority = parameters(&format!("Kinora voucher {name}"), &voucher_key);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut leaf = parameters(&format!("Kinora installation {name}"), &signer_key);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::EmailProtection, ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNING.to_vec())];
    leaf.use_authority_key_identifier_extension = true;
    let root = authority.self_signed(&voucher_key)?;
    let signed = leaf.signed_by(&signer_key, &Issuer::new(authority, voucher_key))?;
    let chain = pem("CERTIFICATE", signed.der()) + &pem("CERTIFICATE", root.der());
    let secret: Vec<u8> = PKCS8_HEAD.into_iter().chain(signer).collect();
    Ok(Made { chain, key: pem("PRIVATE KEY", &secret) })
}

fn parameters(name: &str, key: &Key) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, ORGANISATION);
    subject.push(DnType::CommonName, name);
    parameters.distinguished_name = subject;
    // Films outlive machines; up to 2049 every reader knows how a date is written. No date says when Kinora was installed.
    parameters.not_before = date_time_ymd(2024, 1, 1);
    parameters.not_after = date_time_ymd(2049, 12, 31);
    let mut serial = key.short();
    // A serial number is positive, and no more than twenty bytes.
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.key_identifier_method = KeyIdMethod::PreSpecified(key.short());
    parameters
}

fn pem(label: &str, der: &[u8]) -> String {
    let plain = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::pem::Pem;

    #[test]
    fn a_chain_of_two_is_made_and_each_fits_the_next() {
        let made = make([7; 32], [9; 32]).expect("it is made");
        let chain: Vec<Pem> = Pem::iter_from_buffer(made.chain.as_bytes()).map(|pem| pem.expect("PEM")).collect();
        assert_eq!(chain.len(), 2);
        let leaf = chain[0].parse_x509().expect("a certificate");
        let root = chain[1].parse_x509().expect("a certificate");
        assert_eq!(leaf.issuer(), root.subject());
        assert!(!leaf.is_ca() && root.is_ca());
        let uses = leaf.extended_key_usage().expect("readable").expect("uses are named").value;
        assert!(uses.email_protection && uses.other.len() == 1 && !uses.any, "{uses:?}");
        assert!(leaf.subject().to_string().contains("Kinora installation"), "{}", leaf.subject());
    }
}
