// What every banner says: the English notice of examples/sites/lacassagne.toml, so that all of them lay out the same words.
export const texts = {
  title: "Your choice about cookies",
  message:
    "Centre Antoine Lacassagne keeps some information in your browser to make this site work. With your agreement only, it would also use social networks and audience measurement. If you refuse, the site works all the same; what depends on these services is not shown. Your choice is kept for 13 months. You can change it at any time.",
  policy: "Cookie policy",
  policyAddress: "https://www.lacassagne.example/en/cookies",
  refuse: "Refuse all",
  accept: "Accept all",
  choose: "Choose",
  save: "Save my choices",
  close: "Close",
  preferences: "Choose what you allow",
  always: "Always on",
  categories: [
    {
      id: "operation",
      name: "Operation",
      purpose: "What the site needs to work, to stay secure and to remember this choice.",
      needed: true,
    },
    {
      id: "social",
      name: "Social networks and media",
      purpose: "Content and buttons of other platforms, which learn that you visit this page.",
    },
    {
      id: "analytics",
      name: "Audience measurement",
      purpose: "Counts visits and shows which pages are read, to improve the site.",
    },
  ],
};
