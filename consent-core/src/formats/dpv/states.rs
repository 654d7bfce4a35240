//! Which services are in which state.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::Answer;
use crate::decision::Act;
use crate::record::Record;
use crate::time::UnixSeconds;

impl Answer<'_> {
    pub(super) fn states(&self, at: UnixSeconds) -> Vec<Value> {
        let processes = |wanted: bool| -> Vec<String> {
            let services = self.services().filter(|(_, _, granted)| *granted == wanted);
            services.map(|(_, s, _)| self.process_iri(s)).collect()
        };
        let (granted, refused) = (processes(true), processes(false));
        let Record {
            decided_at,
            expires_at,
            ..
        } = *self.record;
        let decided = |types: Value, processes: &[String]| {
            json!({
                "@type": types,
                "dpv:isApplicableFor": processes,
                "dpv:isIndicatedBy": self.iri("subject"),
                "dpv:isIndicatedAtTime": decided_at.to_rfc3339(),
                "dpv:hasIndicationMethod": self.method(),
                "dpv:hasDuration": { "@type": "dpv:UntilTimeDuration", "rdf:value": expires_at.to_rfc3339() },
            })
        };
        let mut states = Vec::new();
        if !refused.is_empty() {
            let state = match self.record.decision.act {
                Act::Withdraw => "dpv:ConsentWithdrawn",
                _ => "dpv:ConsentRefused",
            };
            states.push(decided(json!([state]), &refused));
        }
        if !granted.is_empty() {
            let given = json!(["dpv:ConsentGiven", "dpv:ExpressedConsent"]);
            states.insert(0, decided(given, &granted));
            if at >= expires_at {
                states.push(json!({
                    "@type": ["dpv:ConsentExpired"],
                    "dpv:isApplicableFor": granted,
                    // Its end was set beforehand by the controller, who told the visitor.
                    "dpv:isIndicatedBy": self.iri("controller"),
                    "dpv:isIndicatedAtTime": expires_at.to_rfc3339(),
                    "dpv:hasDuration": { "@type": "dpv:EndlessDuration" },
                }));
            }
        }
        states
    }
}
