const cases = (count: number) => (count === 1 ? "case" : "cases");

export const evaluation = {
  title: "Evaluation",
  lead: "What the nightly evaluation found, and what its gates made of it.",
  none: "No night yet. Whoever runs the service asks for one:",
  noneCommand: "footnote eval nightly",
  overTime: "Over time",
  overTimeWhat: (nights: number) =>
    `The last ${nights} nights, oldest on the left. The band is the 95 % interval; a triangle marks a night of another setup, a hollow dot one that was not finished. Nights by a proposed release are drawn, too.`,
  earlier: "Show earlier nights",
  noNumber: "no number",

  trend: {
    rightNow: (suite: string, nights: number, last: string, between: string, least: string, most: string) =>
      `${suite}: share right over ${nights} nights, ${last} in the last one (${between}), from ${least} to ${most} in all.`,
    secondsNow: (suite: string, nights: number, half: string, slow: string) =>
      `${suite}: seconds over ${nights} nights; in the last one half were within ${half} and 95 of 100 within ${slow}.`,
    right: "Right:",
    ofCases: (count: number, between: string) => `of ${count} ${cases(count)} in the last night that asked it, ${between}`,
    secondsHalf: "Seconds: half within",
    secondsMost: ", 95 of 100 within",
    dashed: "(dashed)",
    asTable: (suite: string) => `${suite} as a table`,
    nightByNight: (suite: string) => `${suite}, night by night`,
    lines: { right: "right", half: "half within", most: "95 of 100 within" },
    head: ["Night", "Right", "95 % interval", "Cases", "No result", "Half within", "95 of 100 within"],
  },

  night: {
    title: "One night",
    choose: "Night",
    against: "Set against",
    before: "the last finished one before it",
    line: (at: string, status: string, right: number, of: number, id: string) =>
      `${at}${status === "done" ? "" : `, ${status}`}, ${right} of ${of} right (${id})`,
    adapter: (name: string) => `adapter ${name}`,
    noAdapter: "no adapter",
    commit: (digest: string) => `commit ${digest || "unknown"}`,
    setup: (digest: string) => `setup ${digest}`,
    cases: (digest: string) => `cases ${digest}`,
    incomplete: "Not everything has a result",
    incompleteWhat: (missing: number, planned: number, errors: number) =>
      `${missing} of ${planned} cases were not asked, and ${errors} gave an error. They are counted in no share.`,
    noneBefore: "There is no finished night before it to set it against.",
    compared: (at: string, id: string, wrong: number, right: number, paired: number, overlooked: number) =>
      `Against the night of ${at} (${id}): ${wrong} newly wrong, ${right} newly right, of ${paired} cases that both have a result of; ${overlooked} cannot be paired.`,
    suite: (suite: string, right: string | null) => `${suite}: ${right === null ? "no case of it was asked" : `${right} right`}`,
    figures: (suite: string) => `Figures of ${suite}`,
    figuresHead: ["Metric", "Value", "95 % interval", "Cases", "No number"],
  },

  slices: {
    title: "Worst slices",
    none: "No slice has five cases or more.",
    worst: (by: string, name: string, suite: string, shown: boolean) =>
      shown
        ? `Worst: ${by} ${name} of ${suite}, shown to be worse than the rest.`
        : `Worst: ${by} ${name} of ${suite}; no slice is shown to be worse than the rest of its suite.`,
    note: (count: number) => `Intervals of gaps hold for all ${count} together. Slices overlap; what gave an error is in none.`,
    table: "The worst slices",
    allOf: (count: number) => `All ${count} slices of five cases or more`,
    all: "All slices",
    head: ["Slice", "Suite", "Right", "Share", "95 % interval", "Against the rest of its suite"],
    right: (right: number, of: number) => `${right} of ${of}`,
  },

  gates: {
    title: "Gates of the last decision",
    table: "Gates",
    notWeighed: "This night was not weighed against another yet:",
    command: (run: string) => `footnote eval weigh ${run} OTHER`,
    says: {
      ship: "Ships: every gate is passed",
      block: "Blocked: a loss is shown",
      undecided: "Undecided: so few cases show neither",
    } as Record<string, string>,
    line: (candidate: string, current: string, pairs: number, errorsNew: number, errorsOld: number, at: string) =>
      `Candidate: ${candidate}; against ${current}. ${pairs} cases that both were asked; errors: ${errorsNew} and ${errorsOld}. Decided ${at}.`,
    head: ["Gate", "Outcome", "Change", "90 % interval", "Margin", "Cases", "Left out", "Lost"],
    guard: (metric: string) => `${metric} (guard)`,
    more: (count: number) => `, ${count} more cases would do`,
    noneLost: "none",
    notMeasured: (names: string[]) => `Not measured in either night: ${names.join(", ")}.`,
    noCase: "no case",
    better: "better",
    longer: (percent: number) => `${percent}\u00a0% longer`,
    points: (count: number) => `${count} points`,
  },

  cases: {
    title: "Cases",
    which: "Which",
    none: "None.",
    more: "Show more cases",
    changed: "The case was changed between the two nights: the answers are to different questions.",
    now: "In this night",
    then: "In the other night",
    notAsked: "It was not asked.",
    evidence: "Evidence",
    first: (seconds: string) => `first words after ${seconds}`,
    all: (seconds: string) => `all after ${seconds}`,
    version: (number: number) => `version ${number}`,
    error: "There is no answer: the service gave an error.",
    searchOnly: "Search alone was asked: there is no answer.",
    elsewhere: (id: string) =>
      `Asked over other documents than yours, in a folder of their own: footnote audit show ${id} there has the answer.`,
    notYours: "The answer is shown to who has the scope audit as well and may read all that it quotes, as long as it is kept.",
  },

  releases: {
    title: "Releases",
    done: {
      propose: "proposed",
      shadow: "tried in the background",
      canary: "tried on a share of the people",
      ab: "compared on a share of the people",
      promote: "made current",
      rollback: "rolled back",
      stop: "trial ended",
      retire: "put away",
    } as Record<string, string>,
    none: "None was proposed yet: answers are given by the settings of the service.",
    noneCurrent: "No release is current: answers are given by the settings of the service.",
    current: (name: string) => `${name} answers.`,
    trying: (name: string, what: string, share: string, at: string) => `${name} is ${what}${share} since ${at}.`,
    proposed: (at: string) => `proposed ${at}`,
    trial: "The trial",
    trialHead: ["Metric", "Candidate", "Current", "Change", "95 % interval", "Margin"],
    people: (candidate: number, current: number, open: number, step: string) =>
      `${candidate} and ${current} people have answers enough, ${open} not yet. So far: ${step}.`,
    nights: (count: number) => (count === 0 ? "no night shown here is of it" : `${count} of the nights shown are of it`),
    evidence: "Evidence",
    settings: "Settings",
    pins: "What they came out as",
    backTo: (name: string | null) => `, back to ${name ?? "the settings of the service"}`,
    inPlaceOf: (name: string) => `, in the place of ${name}`,
    by: (who: string) => `, by ${who}`,
    points: (value: string) => `${value} points`,
    range: (low: string, high: string) => `${low} to ${high}`,
  },
};
