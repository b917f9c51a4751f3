"use strict";
(() => {
  const who = document.getElementById("who");
  const examples = JSON.parse(document.getElementById("examples").textContent);
  const start = `# Pick a person above, then press the play button (or Ctrl+Enter).
# Everything that starts with "support" is the plugin's; the rest is the shop's.

query Order($id: ID!) {
  me { email }
  order(id: $id) {
    number
    status
    lines { id productName quantity quantityFulfilled }
    supportParcels { number status carrier trackingNumber events { happenedAt statusText place } }
    supportTickets { id number subject state }
    supportReturns { id number status }
  }
  supportReturnEligibility(orderId: $id) {
    eligible
    lines { orderLineId eligible returnable reason }
  }
}
`;

  async function fetcher(body, options) {
    const answer = await fetch("/graphql/", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...((options && options.headers) || {}) },
      body: JSON.stringify(body),
    });
    return answer.json();
  }

  const element = React.createElement;
  const memory = new Map(); // keep nothing between visits: tokens die with the demo
  const storage = {
    getItem: (key) => (memory.has(key) ? memory.get(key) : null),
    setItem: (key, value) => memory.set(key, value),
    removeItem: (key) => memory.delete(key),
    clear: () => memory.clear(),
    get length() { return memory.size; },
  };

  function Playground() {
    const [token, setToken] = React.useState("");
    React.useEffect(() => {
      const change = () => setToken(who.value);
      who.addEventListener("change", change);
      return () => who.removeEventListener("change", change);
    }, []);
    return element(GraphiQL, {
      fetcher,
      storage,
      defaultQuery: start,
      variables: JSON.stringify({ id: examples.order || "" }, null, 2),
      headers: token ? JSON.stringify({ Authorization: "Bearer " + token }, null, 2) : "{}",
      headerEditorEnabled: true,
      defaultSecondaryEditorOpen: true,
      docExplorerOpen: false,
    });
  }

  ReactDOM.render(element(Playground), document.getElementById("playground"));
})();
