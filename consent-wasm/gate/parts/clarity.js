// Microsoft Clarity. Its own script takes over the calls that wait in the queue.
__PART__((gate) => {
  const names = gate.manifest_.a.clarity;
  const of = (type) => (gate.allows(names[type]) ? "granted" : "denied");
  const say = () => {
    window.clarity ||= function () {
      (window.clarity.q ||= []).push(arguments);
    };
    window.clarity("consentv2", { ad_Storage: of("ad_storage"), analytics_Storage: of("analytics_storage") });
  };
  say();
  gate.api_.on("change", say);
});
