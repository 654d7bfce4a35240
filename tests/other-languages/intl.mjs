// What Intl, with CLDR's data in it, says: a question a line, an answer a line.
import { createInterface } from "node:readline";

const kept = new Map();
const made = (name, language, options) => {
  const key = [name, language, JSON.stringify(options)].join(" ");
  if (!kept.has(key)) kept.set(key, new Intl[name](language, options));
  return kept.get(key);
};

const answers = {
  knows: (language) => Intl.DateTimeFormat.supportedLocalesOf(language).join(),
  form: (language, number) => made("PluralRules", language).select(Number(number)),
  duration: (language, unit, number) =>
    made("NumberFormat", language, { style: "unit", unit, unitDisplay: "long", useGrouping: false }).format(number),
  country: (language, code) => made("DisplayNames", language, { type: "region", fallback: "none" }).of(code) ?? "",
  date: (language, day) => made("DateTimeFormat", language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day)),
};

const lines = [];
for await (const line of createInterface({ input: process.stdin })) {
  const [question, ...values] = line.split(" ");
  lines.push(answers[question](...values));
}
process.stdout.write(lines.join("\n") + "\n");
