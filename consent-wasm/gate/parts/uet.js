// Microsoft UET.
__PART__((gate) => {
  const queue = (window.uetq ||= []);
  const say = (how) => queue.push("consent", how, { ad_storage: gate.allows(gate.manifest_.a.uet.ad_storage) ? "granted" : "denied" });
  say("default");
  gate.api_.on("change", () => say("update"));
});
