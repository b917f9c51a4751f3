// GraphiQL's bundle assigns this global; were it missing, the bundle would make it by eval, which our
// content security policy forbids.
var regeneratorRuntime;
