// Asks makegood with @grpc/grpc-js and @grpc/proto-loader, which read the .proto files when they start: nothing is generated.
//
//     node grpc-js.mjs ADDRESS FOLDER_OF_PROTOS QUESTION.json
//
// 64-bit numbers are kept as text: a number of JavaScript is exact only up to 2^53.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { credentials, loadPackageDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import protobuf from "protobufjs";

const [address, protos, questionFile] = process.argv.slice(2);
const DEADLINE_MILLIS = 5000;
const ATTEMPTS = 5;

const loaded = loadSync("makegood/v1/compensation_service.proto", {
  includeDirs: [protos],
  keepCase: true,
  longs: String,
  enums: String,
});
const { CompensationService } = loadPackageDefinition(loaded).makegood.v1;
// TLS: credentials.createSsl(ca, key, certificate)
const client = new CompensationService(address, credentials.createInsecure());

const details = new protobuf.Root();
details.resolvePath = (_, path) => (path.startsWith("google/rpc/") ? `${protos}/${path}` : path);
details.loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"]);

/** The details of an error by type, for example "google.rpc.BadRequest"; they come as bytes beside the code. */
function detailsOf(error) {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (bytes === undefined) return new Map();
  const { details: packed } = details.lookupType("google.rpc.Status").decode(bytes);
  const typeOf = (any) => any.type_url.split("/").pop();
  return new Map(packed.map((any) => [typeOf(any), details.lookupType(typeOf(any)).decode(any.value)]));
}

/** proto-loader does not read JSON as protobuf defines it: an instant has to be seconds. */
function withInstants(value) {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return { seconds: Date.parse(value) / 1000 };
  if (Array.isArray(value)) return value.map(withInstants);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withInstants(inner)]));
}

function ask(question) {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + DEADLINE_MILLIS };
    client.ComputeCompensation(question, options, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

/** Asks again where the server says when: a refusal without RetryInfo stays one. */
async function askPatiently(question) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(question);
    } catch (error) {
      const retry = detailsOf(error).get("google.rpc.RetryInfo");
      if (retry === undefined || attempt === ATTEMPTS) throw error;
      const { seconds, nanos } = retry.retryDelay;
      const millis = Number(seconds) * 1000 + nanos / 1e6;
      console.log(`told to wait ${millis} ms`);
      await sleep(millis * (1 + Math.random() / 4));
    }
  }
}

const question = withInstants(JSON.parse(readFileSync(questionFile, "utf8")));
const { decision } = await askPatiently(question);
console.log(decision.outcome);
for (const grant of decision.grants) console.log(`${grant.benefit} ${grant.quantity}`);

try {
  await askPatiently({ ...question, mode: "MODE_UNSPECIFIED" });
} catch (error) {
  console.log(status[error.code]);
  const bad = detailsOf(error).get("google.rpc.BadRequest");
  for (const each of bad.fieldViolations) console.log(`${each.field}: ${each.description}`);
}
client.close();
