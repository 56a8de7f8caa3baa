// Types for the client from openapi.json, which is the server's own document (see crates/server/tests/api/openapi.rs).
// `--check` fails when src/api/schema.ts is not what would be written.
import { readFileSync, writeFileSync } from "node:fs";

const source = new URL("../openapi.json", import.meta.url);
const target = new URL("../src/api/schema.ts", import.meta.url);
const METHODS = ["get", "post", "put", "patch", "delete"];

const quote = (text) => JSON.stringify(text);
const name = (text) => (/^[A-Za-z_$][\w$]*$/.test(text) ? text : quote(text));
const several = (parts, by) => (parts.length === 1 ? parts[0] : parts.map((part) => (/[|&]/.test(part) ? `(${part})` : part)).join(by));

function type(schema, indent) {
  if (schema === undefined || schema === true) return "unknown";
  if (schema.$ref) return `Schemas[${quote(schema.$ref.split("/").at(-1))}]`;
  if (schema.const !== undefined) return quote(schema.const);
  if (schema.enum) return schema.enum.map(quote).join(" | ");
  for (const [key, by] of [["oneOf", " | "], ["anyOf", " | "], ["allOf", " & "]]) {
    if (schema[key]) return several([...new Set(schema[key].map((part) => type(part, indent)))], by);
  }
  if (Array.isArray(schema.type)) return several([...new Set(schema.type.map((one) => type({ ...schema, type: one }, indent)))], " | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array": {
      const item = type(schema.items, indent);
      return /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
    }
    default:
      return object(schema, indent);
  }
}

function object(schema, indent) {
  const fields = Object.entries(schema.properties ?? {});
  const more = schema.additionalProperties;
  if (fields.length === 0) {
    if (more && more !== true) return `{ [name: string]: ${type(more, indent)} }`;
    return schema.type === "object" ? "{ [name: string]: unknown }" : "unknown";
  }
  const inner = `${indent}  `;
  const lines = fields.map(([key, value]) => {
    const optional = (schema.required ?? []).includes(key) ? "" : "?";
    const said = value.description ? `${inner}/** ${value.description.replaceAll("*/", "")} */\n` : "";
    return `${said}${inner}${name(key)}${optional}: ${type(value, inner)};`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function parameters(operation, place, indent) {
  const found = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  if (found.length === 0) return undefined;
  const required = found.filter((parameter) => parameter.required).map((parameter) => parameter.name);
  // One value of a list needs no list around it.
  const alone = (schema) => (place === "query" && schema.type === "array" ? { anyOf: [schema, schema.items] } : schema);
  const properties = Object.fromEntries(found.map((p) => [p.name, { ...alone(p.schema), ...(p.description ? { description: p.description } : {}) }]));
  return object({ type: "object", properties, required }, indent);
}

function operation(op) {
  const indent = "      ";
  const lines = [];
  for (const place of ["path", "query"]) {
    const found = parameters(op, place, indent);
    if (found) lines.push(`${indent}${place}: ${found};`);
  }
  const body = op.requestBody?.content?.["application/json"]?.schema;
  if (body && (body.$ref || body.properties)) lines.push(`${indent}body: ${type(body, indent)};`);
  const done = Object.entries(op.responses ?? {}).find(([status]) => status.startsWith("2"))?.[1];
  lines.push(`${indent}answer: ${type(done?.content?.["application/json"]?.schema, indent)};`);
  return `{\n${lines.join("\n")}\n    }`;
}

function write(document) {
  const schemas = Object.entries(document.components?.schemas ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const paths = Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    "// Written by `npm run types` from the server's OpenAPI document; not to be changed by hand.",
    "",
    "export interface Schemas {",
    ...schemas.map(([key, schema]) => `  ${name(key)}: ${type(schema, "  ")};`),
    "}",
    "",
    "export interface paths {",
    ...paths.map(([path, methods]) => {
      const operations = METHODS.filter((method) => methods[method]).map((method) => `    ${method}: ${operation(methods[method])};`);
      return `  ${quote(path)}: {\n${operations.join("\n")}\n  };`;
    }),
    "}",
    "",
  ].join("\n");
}

const text = write(JSON.parse(readFileSync(source, "utf8")));
if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error("src/api/schema.ts is not what openapi.json says: run `npm run types` in ui/");
  process.exit(1);
}
