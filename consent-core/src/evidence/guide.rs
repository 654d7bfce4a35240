//! `README.txt`: what is in the archive, and how to check it with tools that every system has.

use alloc::format;
use alloc::string::String;

use crate::receipt::Receipt;

/// The text, French first: most who read it work under CNIL.
pub(super) fn text(receipt: &Receipt) -> String {
    let id = receipt.record().id;
    format!(
        "PREUVE DE CONSENTEMENT / EVIDENCE OF CONSENT\n{id}\n\n{FRENCH}\n\n{ENGLISH}\n\n{COMMANDS}",
        FRENCH = FRENCH.trim(),
        ENGLISH = ENGLISH.trim(),
        COMMANDS = COMMANDS.trim_start(),
    )
}

const FRENCH: &str = "
FRANÇAIS
Ouvrez summary.fr.html : qui a choisi quoi, quand, et ce qui le prouve.
Ouvrez notice.html : les mots et l'aspect de l'information montrée, dans la langue montrée.

receipt.jwt        le reçu signé par le serveur (JWT, RFC 7519)
record.json        ce que dit le reçu
notice.json        l'information montrée, telle que son empreinte a été calculée
scope.json         ce à quoi il était demandé de consentir, de même
keys/              les clés publiques du serveur
formats/           le même enregistrement dans les formats Kantara et DPV, s'ils s'appliquent
log/               la preuve que le reçu est dans le journal public, si le serveur en tient un
SHA256SUMS         les empreintes de tous ces fichiers, et SHA256SUMS.sig leur signature

Les clés de ce dossier ne prouvent rien d'elles-mêmes : comparez keys/jwks.json avec les clés que le serveur publie
(/.well-known/jwks.json), ou que vous tenez d'ailleurs. Puis, dans le dossier extrait, les commandes ci-dessous.
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

The keys in this folder prove nothing by themselves: compare keys/jwks.json with the keys that the server publishes
(/.well-known/jwks.json), or with those that you have from elsewhere. Then, in the extracted folder, the commands below.
";

/// The lines that begin with `$ ` are run by a test.
const COMMANDS: &str = r#"
1. Aucun fichier n'a changé / No file has changed
$ sha256sum -c SHA256SUMS
$ openssl pkeyutl -verify -pubin -inkey keys/seal.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

2. Le serveur a signé le reçu / The server has signed the receipt
$ cut -d. -f1,2 receipt.jwt | tr -d '\n' > /tmp/signed
$ python3 -c "import base64; print(end=open('receipt.jwt').read().split('.')[2] + '==')" | tr '_-' '/+' | base64 -d > /tmp/signature
$ openssl pkeyutl -verify -pubin -inkey keys/receipt.pem -rawin -in /tmp/signed -sigfile /tmp/signature

3. Le reçu dit ce que dit record.json / The receipt says what record.json says
$ python3 -c "import base64; print(end=base64.urlsafe_b64decode(open('receipt.jwt').read().split('.')[1] + '==').decode())" | cmp - record.json

4. Le reçu nomme cette information et cette demande / The receipt names this notice and this scope
$ python3 -c "import base64, hashlib, json; r = json.load(open('record.json')); d = lambda f: base64.urlsafe_b64encode(hashlib.sha256(open(f, 'rb').read()).digest()).decode().rstrip('='); assert (d('notice.json'), d('scope.json')) == (r['notice'], r['scope']); print('OK')"

5. S'il y a un horodatage (RFC 3161), avec le certificat de son autorité / If there is a timestamp, with its authority's certificate
  openssl ts -verify -data log/checkpoint.txt -in log/timestamp.tsr -CAfile authority.pem

Tout à la fois / All of it at once: verify.py (examples/verify-evidence), ou/or `consent verify FILE.zip`.
"#;
