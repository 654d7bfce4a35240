//! The names of the files in the archive.

pub(crate) const GUIDE: &str = "README.txt";
pub(crate) const SUMS: &str = "SHA256SUMS";
pub(crate) const SEAL: &str = "SHA256SUMS.sig";
pub(crate) const DPV: &str = "formats/dpv.json";
pub(crate) const KANTARA: &str = "formats/kantara.json";
pub(crate) const JWKS: &str = "keys/jwks.json";
pub(crate) const RECEIPT_KEY: &str = "keys/receipt.pem";
pub(crate) const SEAL_KEY: &str = "keys/seal.pem";
pub(crate) const LOG_KEYS: &str = "keys/log.txt";
pub(crate) const CHECKPOINT: &str = "log/checkpoint.txt";
pub(crate) const PROOF: &str = "log/receipt.tlog-proof";
pub(crate) const TIMESTAMP: &str = "log/timestamp.tsr";
pub(crate) const NOTICE: &str = "notice.json";
pub(crate) const PAGE: &str = "notice.html";
pub(crate) const RECEIPT: &str = "receipt.jwt";
pub(crate) const RECORD: &str = "record.json";
pub(crate) const SCOPE: &str = "scope.json";
pub(crate) const SUMMARY_EN: &str = "summary.en.html";
pub(crate) const SUMMARY_FR: &str = "summary.fr.html";

pub(crate) const REQUIRED: [&str; 13] = [
    GUIDE,
    SUMS,
    SEAL,
    JWKS,
    RECEIPT_KEY,
    SEAL_KEY,
    NOTICE,
    PAGE,
    RECEIPT,
    RECORD,
    SCOPE,
    SUMMARY_EN,
    SUMMARY_FR,
];
pub(crate) const OPTIONAL: [&str; 6] = [DPV, KANTARA, LOG_KEYS, CHECKPOINT, PROOF, TIMESTAMP];
