// The API's description at /docs, from our own origin: Swagger UI's files beside public/docs/index.html.
import { copyFileSync } from "node:fs";

for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"]) {
  copyFileSync(`node_modules/swagger-ui-dist/${file}`, `../api/http/static/docs/${file}`);
}
