// Asks makegood with connect-es, over gRPC, by code that protoc-gen-es generated into gen/ (see clients/elsewhere.md).
//
//     node connect.mjs ADDRESS QUESTION.json
//
// 64-bit numbers are BigInt.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { create, fromJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BadRequestSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import {
  CompensationService,
  ComputeCompensationRequestSchema,
  Mode,
} from "./gen/makegood/v1/compensation_service_pb.js";
import { OutcomeSchema } from "./gen/makegood/v1/decision_pb.js";

const [address, questionFile] = process.argv.slice(2);
const ATTEMPTS = 5;

// gRPC and not Connect's own protocol, which the server does not speak. TLS: https://, and nodeOptions with ca, key and cert.
const transport = createGrpcTransport({ baseUrl: `http://${address}`, defaultTimeoutMs: 5000 });
const client = createClient(CompensationService, transport);

/** Asks again where the server says when: a refusal without RetryInfo stays one. */
async function askPatiently(question) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.computeCompensation(question);
    } catch (error) {
      const [retry] = ConnectError.from(error).findDetails(RetryInfoSchema);
      if (retry === undefined || attempt === ATTEMPTS) throw error;
      const { seconds, nanos } = retry.retryDelay;
      const millis = Number(seconds) * 1000 + nanos / 1e6;
      console.log(`told to wait ${millis} ms`);
      await sleep(millis * (1 + Math.random() / 4));
    }
  }
}

const question = fromJson(ComputeCompensationRequestSchema, JSON.parse(readFileSync(questionFile, "utf8")));
const { decision } = await askPatiently(question);
console.log(OutcomeSchema.value[decision.outcome].name);
for (const grant of decision.grants) console.log(`${grant.benefit} ${grant.quantity}`);

try {
  await askPatiently(create(ComputeCompensationRequestSchema, { ...question, mode: Mode.UNSPECIFIED }));
} catch (error) {
  const refused = ConnectError.from(error);
  console.log(Code[refused.code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase());
  for (const bad of refused.findDetails(BadRequestSchema))
    for (const each of bad.fieldViolations) console.log(`${each.field}: ${each.description}`);
}
