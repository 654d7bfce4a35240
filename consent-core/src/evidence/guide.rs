//! `README.txt`: what is in the archive, and how to check it with tools that every system has.

use alloc::format;
use alloc::string::String;

use crate::i18n::fill;
use crate::receipt::Receipt;
use crate::time::UnixSeconds;

/// The text, French first: most who read it work under CNIL. With the authority's answer, if there is one.
pub(super) fn text(receipt: &Receipt, timestamp: Option<&[u8]>) -> String {
    let id = receipt.record().id;
    let mut text = format!(
        "PREUVE D’UN CHOIX / EVIDENCE OF A CHOICE\n{id}\n\n{FRENCH}\n\n{ENGLISH}\n\n{COMMANDS}",
        FRENCH = FRENCH.trim(),
        ENGLISH = ENGLISH.trim(),
        COMMANDS = COMMANDS.trim_start(),
    );
    if let Some(answer) = timestamp {
        let option =
            stamped_at(answer).map_or_else(String::new, |at| format!("-attime {} ", at.get()));
        text += &fill(TIMESTAMP, &[("attime", &option)]);
    }
    text + LAST
}

/// When an authority says it made its answer. For a command that people run, who then see it checked: not to be believed
/// here.
///
/// It is the first `GeneralizedTime` of the answer (RFC 3161, 2.4.2): the certificates come after it.
pub(super) fn stamped_at(answer: &[u8]) -> Option<UnixSeconds> {
    answer.windows(16).find_map(|part| {
        let (tag, text) = part.split_at(2);
        let is_time = tag[0] == 0x18 && (15..=25).contains(&tag[1]);
        let text = core::str::from_utf8(text).ok().filter(|_| is_time)?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let [date, time] = [&text[..8], &text[8..]];
        let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
        let (hour, minute, second) = (&time[..2], &time[2..4], &time[4..]);
        UnixSeconds::from_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
    })
}

const FRENCH: &str = "
FRANÇAIS
Ouvrez summary.fr.html : qui a choisi quoi, quand, et ce qui le prouve.
Ouvrez notice.html : les mots et l’aspect du bandeau montré, dans la langue montrée.

receipt.jwt        le reçu signé par le serveur (JWT, RFC 7519)
record.json        ce que dit le reçu
notice.json        le bandeau montré, tel que son empreinte a été calculée
scope.json         ce à quoi il était demandé de consentir, de même
keys/              les clés publiques du serveur
formats/           le même enregistrement dans les formats Kantara et DPV, s’ils s’appliquent
log/               la preuve que le reçu est dans le journal public, si le serveur en tient un
SHA256SUMS         les empreintes de tous ces fichiers, et SHA256SUMS.sig leur signature

Les clés de ce dossier ne prouvent rien d’elles-mêmes : chaque clé de keys/jwks.json doit être parmi celles que le serveur
publie (/.well-known/jwks.json), ou que vous détenez d’ailleurs. Puis, dans le dossier extrait, les commandes ci-dessous :
toutes, car l’une ne vaut rien sans les autres. Ce texte vient du même dossier : si vous ne vous y fiez pas, prenez les
commandes dans la documentation (docs/evidence.md).
";

const ENGLISH: &str = "
ENGLISH
Open summary.en.html: who chose what, when, and what proves it.
Open notice.html: the words and the look of the notice that was shown, in the language it was shown in.

receipt.jwt        the receipt that the server signed (JWT, RFC 7519)
record.json        what the receipt says
notice.json        the notice that was shown, as its digest was taken
scope.json         what consent was asked for, likewise
keys/              the server's public keys
formats/           the same record in the formats of Kantara and DPV, where they apply
log/               the proof that the receipt is in the public log, if the server keeps one
SHA256SUMS         the digests of all these files, and SHA256SUMS.sig their signature

The keys in this folder prove nothing by themselves: each key of keys/jwks.json must be among those that the server
publishes (/.well-known/jwks.json), or that you have from elsewhere. Then, in the extracted folder, the commands below: all
of them, for one is worth nothing without the others. This text comes from the same folder: if you do not trust that, take
the commands from the documentation (docs/evidence.md).
";

/// The lines that begin with `$ ` are run by a test, and stand in `docs/evidence.md` too.
const COMMANDS: &str = r#"
1. Les clés employées ci-dessous sont dans keys/jwks.json / The keys used below are in keys/jwks.json
$ python3 -c "import json; x = [k['x'].translate({45: '+', 95: '/'}) for k in json.load(open('keys/jwks.json'))['keys'] if k.get('crv') == 'Ed25519']; pem = '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA%s=\n-----END PUBLIC KEY-----\n'; assert all(open(f).read() in [pem % k for k in x] for f in ('keys/receipt.pem', 'keys/seal.pem')), 'NOT THESE KEYS'; print('OK')"

2. Aucun fichier n’a changé / No file has changed
$ sha256sum -c SHA256SUMS
$ openssl pkeyutl -verify -pubin -inkey keys/seal.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

3. Le serveur a signé le reçu / The server has signed the receipt
   (iat de record.json précède exp et revoked_at de la clé publiée, s'ils y sont /
   iat of record.json is before exp and revoked_at of the published key, if they are there)
$ cut -d. -f1,2 receipt.jwt | tr -d '\n' > /tmp/signed
$ python3 -c "import base64; print(end=open('receipt.jwt').read().split('.')[2] + '==')" | tr '_-' '/+' | base64 -d > /tmp/signature
$ openssl pkeyutl -verify -pubin -inkey keys/receipt.pem -rawin -in /tmp/signed -sigfile /tmp/signature

4. Le reçu dit ce que dit record.json / The receipt says what record.json says
$ python3 -c "import base64; print(end=base64.urlsafe_b64decode(open('receipt.jwt').read().split('.')[1] + '==').decode())" | cmp - record.json

5. Le reçu nomme ce bandeau et cette demande / The receipt names this notice and this scope
$ python3 -c "import base64, hashlib, json; r = json.load(open('record.json')); d = lambda f: base64.urlsafe_b64encode(hashlib.sha256(open(f, 'rb').read()).digest()).decode().rstrip('='); assert (d('notice.json'), d('scope.json')) == (r['notice'], r['scope']); print('OK')"

"#;

/// With the stamp's own moment: the authority's certificate is one of that time.
const TIMESTAMP: &str = "\
6. L’horodatage (RFC 3161), avec le certificat de son autorité, valable alors (-attime) /
   The timestamp, with its authority's certificate, valid at that time (-attime)
  openssl ts -verify {attime}-data log/checkpoint.txt -in log/timestamp.tsr -CAfile authority.pem
  openssl ts -reply -in log/timestamp.tsr -text

";

const LAST: &str = "\
Tout à la fois / All of it at once: verify.py (examples/verify-evidence), ou/or `consent verify FILE.zip`.
";
