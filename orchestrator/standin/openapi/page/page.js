"use strict";

// A page cannot see where a redirect leads: the browser follows it unasked, and is refused at
// another site. So this server is asked to write redirects down, for calls from this page only.
const ASKED = "X-Show-Redirect";
const SHOWN = "x-shown-redirect";

function askForRedirects(request) {
  if (new URL(request.url, location.href).origin === location.origin) {
    request.headers[ASKED] = "yes";
  }
  return request;
}

// What is displayed is the answer that any other program gets, with a word on what became of it.
function showRedirect(response) {
  const status = response.headers && response.headers[SHOWN];
  if (!status) {
    return response;
  }
  const target = response.headers.location;
  delete response.headers[SHOWN];
  response.status = Number(status);
  response.statusText = "Found";
  response.ok = true;
  response.headers["content-type"] = "text/plain";
  response.text = `The server answers ${status} with Location: ${target}\n\n`
    + "A program goes there with a new GET, without these credentials. This page cannot.";
  response.data = response.text;
  delete response.body;
  delete response.obj;
  return response;
}

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#interface",
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  filter: false,
  // No ?url= may put another document into this page.
  queryConfigEnabled: false,
  requestInterceptor: askForRedirects,
  responseInterceptor: showRedirect,
  showExtensions: true,
  // The curl line is for other programs: without what only this page needs.
  showMutatedRequest: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
