// The preferences: every choice, and all that there is to know about it, in a dialog or in a page of the site. The switches that count
// are the loader's; what is seen here mirrors them.

/** Wires the dialog that the loader has put in place. `hands` are the loader's functions. */
export const wire = (gate, hands) => {
  const dialog = hands.host_.shadowRoot.querySelector("dialog");
  const paint = mirror(gate, hands, dialog, "preferences");

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    hands.close_();
  });
  // A click beside it closes it, as Escape does.
  dialog.addEventListener("click", ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const isBeside = clientX < left || clientX > right || clientY < top || clientY > bottom;
    if (target == dialog && clientX && isBeside) hands.close_();
  });

  const show = (list) => {
    if (dialog.open) return;
    hands.fill_();
    paint();
    for (const one of dialog.querySelectorAll("details")) one.open = !!list;
    dialog.showModal();
    dialog.querySelector("h2").focus();
    dialog.querySelector(".body").scrollTop = 0;
  };
  return { dialog_: dialog, show_: show, mirror_: (root) => mirror(gate, hands, root, "preferences"), hands_: hands };
};

/** Makes switches and buttons below an element work. Answers with what shows the choice that stands, and the switches as they are. */
const mirror = (gate, hands, root, source) => {
  const seen = [...root.querySelectorAll("input")];
  const theirs = (input) => [...hands.inputs_()].find((one) => hands.nameOf_(one) == hands.nameOf_(input));
  const follow = () => {
    for (const input of seen) input.checked = theirs(input).checked;
  };
  const paint = () => {
    follow();
    present(gate, root);
  };

  root.addEventListener("change", async ({ target }) => {
    const input = theirs(target);
    input.checked = target.checked;
    // Without the module, each switch stands for itself.
    await hands.turned_(input).catch(() => {});
    follow();
  });
  root.addEventListener("click", ({ target, isTrusted }) => {
    const action = target.closest("[data-consent-action]")?.dataset.consentAction;
    if (action == "close") hands.close_();
    else if (action == "receipt") saveReceipt(gate);
    else if (action) hands.decide_(action, isTrusted ? source : "api").catch(() => {});
  });
  // The choice was made elsewhere: in another tab, or by a placeholder.
  document.addEventListener("consent:change", () => {
    hands.fill_();
    paint();
  });
  return paint;
};

/** Shows the choice that stands, and what can be done about it. */
const present = (gate, root) => {
  const claims = gate.api_.get();
  const shows = (selector, is) => {
    const element = root.querySelector(selector);
    if (element) element.hidden = !is;
  };
  shows("[data-undecided]", !claims);
  shows("[data-current]", claims);
  shows("[data-signal]", navigator.globalPrivacyControl === true && (!claims || claims.act == "signal"));
  shows("[data-consent-action=withdraw]", claims && Object.values({ ...claims.choices, ...claims.services }).includes(true));
  if (!claims) return;
  // As the notice writes all its dates: browsers do not know all languages.
  const { date: form, months, firstDay } = root.querySelector("[data-date]").dataset;
  const date = (seconds) => {
    const day = new Date(seconds * 1000);
    const number = day.getDate();
    const parts = { day: (number == 1 && firstDay) || number, month: months.split("|")[day.getMonth()], year: day.getFullYear() };
    return form.replace(/\{(\w+)\}/g, (mark, name) => parts[name]);
  };
  const texts = { decided: date(claims.dat), expires: date(claims.exp), subject: claims.sub };
  for (const name in texts) for (const place of root.querySelectorAll(`[data-${name}]`)) place.textContent = texts[name];
};

/** Saves what proves the choice as a file: the receipt, or the record where no server has signed one. */
const saveReceipt = (gate) => {
  const receipt = gate.api_.receipt();
  const text = receipt ?? JSON.stringify(gate.api_.get(), null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: receipt ? "application/jwt" : "application/json" }));
  link.download = `consent-${gate.api_.get().aud}-${gate.api_.get().jti}.${receipt ? "jwt" : "json"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
