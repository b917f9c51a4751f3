"use strict";
(async () => {
  const place = document.getElementById("answer");
  const query = `query ($order: ID!, $token: String) {
  order(id: $order) {
    number
    status
    supportTickets(accessToken: $token) { number subject state }
    supportReturns(accessToken: $token) { number status }
  }
  supportReturnEligibility(orderId: $order, accessToken: $token) {
    eligible
    lines { orderLineId eligible returnable deadline reason }
  }
}`;
  const variables = { order: place.dataset.order, token: document.getElementById("token").value };
  const answer = await fetch("/graphql/", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  place.textContent = query + "\n\n" + JSON.stringify(await answer.json(), null, 2);
})();
