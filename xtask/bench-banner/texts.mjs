// What every banner says: the English notice of examples/sites/lacassagne.toml, so that all of them lay out the same words.
export const texts = {
  title: "Your choice about cookies",
  message:
    "This site (Centre Antoine Lacassagne) keeps in your browser the information that it needs to work. It asks for your consent for: social networks and media, audience measurement. If you refuse, the site still works; content that needs your consent is not shown. Your choice is kept for 13 months. You can change it at any time.",
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
      purpose: "Content and buttons of third-party platforms; the platforms learn that you visit this page.",
    },
    {
      id: "analytics",
      name: "Audience measurement",
      purpose: "Counts visits and shows which pages are read, to improve the site.",
    },
  ],
};
