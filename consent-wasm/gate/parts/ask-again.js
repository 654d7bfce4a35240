// Asks again whoever refused everything, once the site's months are over. Their refusal stands until they answer.
__PART__((gate) => {
  gate.again_ = () => {
    const { dat, choices, services } = gate.api_.get() || {};
    // Months of 31 days: never sooner than the calendar says.
    const end = (dat + gate.manifest_.r * 31 * 86400) * 1000;
    return Date.now() > end && ![choices, services].some((some) => Object.values(some || {}).includes(true));
  };
  queueMicrotask(() => gate.again_() && gate.call_("open", "first").catch(() => {}));
});
