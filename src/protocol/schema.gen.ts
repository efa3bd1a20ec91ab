// Generated from schemas/protocol.schema.json by scripts/gen/protocol.mjs. Do not edit: run `npm run gen`.

export const PROTOCOL = {
  "version": 1,
  "minimumVersion": 1,
  "maxFrame": 16777216,
  "maxDepth": 16,
  "requestBounds": {
    "members": 2048,
    "elements": 4096,
    "values": 5045
  }
} as const;

/** Request types and the definitions that describe them. */
export const REQUESTS = {
  "Execute": "ExecuteRequest",
  "Ping": "PingRequest",
  "Status": "StatusRequest",
  "Cancel": "CancelRequest",
  "PolicyHistory": "PolicyHistoryRequest",
  "JobList": "JobListRequest",
  "JobKill": "JobKillRequest",
  "WorkerList": "WorkerListRequest",
  "LogRead": "LogReadRequest",
  "PolicyApply": "PolicyApplyRequest",
  "PolicyRollback": "PolicyRollbackRequest",
  "PolicyPin": "PolicyPinRequest",
  "PolicyUnpin": "PolicyUnpinRequest"
} as const;

/** Types whose names are taken for later. */
export const RESERVED_TYPES: readonly string[] = ["SessionOpen","SessionExecute","SessionClose","PolicyList"];

/** So many generations of policies are kept by a daemon, and can be asked for. */
export const MAX_GENERATIONS = 100;

export const PROTOCOL_SCHEMA: { readonly [key: string]: unknown; readonly $defs: Readonly<Record<string, unknown>> } = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:leeward:protocol:1",
  "title": "Leeward protocol",
  "description": "Messages between a client and the daemon, version 1. A frame is a 4-byte big-endian length and one msgpack map.",
  "x-responses": {
    "Execute": "ExecuteResponse",
    "Ping": "PingResponse",
    "Status": "StatusResponse",
    "Cancel": "CancelResponse",
    "PolicyHistory": "PolicyHistoryResponse",
    "JobList": "JobListResponse",
    "JobKill": "JobKillResponse",
    "WorkerList": "WorkerListResponse",
    "LogRead": "LogReadResponse",
    "PolicyApply": "PolicyApplyResponse",
    "PolicyRollback": "PolicyRollbackResponse",
    "PolicyPin": "PolicyPinResponse",
    "PolicyUnpin": "PolicyUnpinResponse",
    "Output": "OutputFrame",
    "Error": "ErrorResponse"
  },
  "anyOf": [
    {
      "$ref": "#/$defs/ExecuteRequest"
    },
    {
      "$ref": "#/$defs/PingRequest"
    },
    {
      "$ref": "#/$defs/StatusRequest"
    },
    {
      "$ref": "#/$defs/CancelRequest"
    },
    {
      "$ref": "#/$defs/PolicyHistoryRequest"
    },
    {
      "$ref": "#/$defs/JobListRequest"
    },
    {
      "$ref": "#/$defs/JobKillRequest"
    },
    {
      "$ref": "#/$defs/WorkerListRequest"
    },
    {
      "$ref": "#/$defs/LogReadRequest"
    },
    {
      "$ref": "#/$defs/PolicyApplyRequest"
    },
    {
      "$ref": "#/$defs/PolicyRollbackRequest"
    },
    {
      "$ref": "#/$defs/PolicyPinRequest"
    },
    {
      "$ref": "#/$defs/PolicyUnpinRequest"
    },
    {
      "$ref": "#/$defs/ExecuteResponse"
    },
    {
      "$ref": "#/$defs/PingResponse"
    },
    {
      "$ref": "#/$defs/StatusResponse"
    },
    {
      "$ref": "#/$defs/CancelResponse"
    },
    {
      "$ref": "#/$defs/PolicyHistoryResponse"
    },
    {
      "$ref": "#/$defs/JobListResponse"
    },
    {
      "$ref": "#/$defs/JobKillResponse"
    },
    {
      "$ref": "#/$defs/WorkerListResponse"
    },
    {
      "$ref": "#/$defs/LogReadResponse"
    },
    {
      "$ref": "#/$defs/PolicyApplyResponse"
    },
    {
      "$ref": "#/$defs/PolicyRollbackResponse"
    },
    {
      "$ref": "#/$defs/PolicyPinResponse"
    },
    {
      "$ref": "#/$defs/PolicyUnpinResponse"
    },
    {
      "$ref": "#/$defs/OutputFrame"
    },
    {
      "$ref": "#/$defs/ErrorResponse"
    }
  ],
  "$defs": {
    "ExecuteRequest": {
      "description": "Runs code in a fresh sandbox. The first five fields are the founding ones.",
      "type": "object",
      "required": [
        "type",
        "code"
      ],
      "additionalProperties": false,
      "if": {
        "required": [
          "stream"
        ],
        "properties": {
          "stream": {
            "const": true
          }
        }
      },
      "then": {
        "required": [
          "id"
        ],
        "properties": {
          "id": true
        }
      },
      "properties": {
        "type": {
          "const": "Execute"
        },
        "code": {
          "type": "string",
          "description": "Source text; the policy's runtime says what runs it."
        },
        "mounts": {
          "type": "array",
          "maxItems": 16,
          "items": {
            "$ref": "#/$defs/Mount"
          },
          "description": "Host paths attached for this job; checked against the policy's `requestMounts.allowedPaths` and opened with the rights of the requesting user. Default: none."
        },
        "timeout_secs": {
          "type": "number",
          "minimum": 0.001,
          "maximum": 31536000,
          "description": "Seconds, in steps of a millisecond, from the release of the code to the kill. Default: the policy's `limits.timeout.default`; above its `max` the request is refused."
        },
        "memory_limit": {
          "type": "integer",
          "minimum": 1048576,
          "maximum": 9007199254740991,
          "description": "Bytes for the whole job. Default: the policy's `limits.memory.default`; above its `max` the request is refused."
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "policy": {
          "type": "string",
          "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
          "x-expects": "a policy name (letters, digits, '.', '_', '-')",
          "description": "Name of the policy. Default: the tenant's default policy."
        },
        "job_id": {
          "$ref": "#/$defs/PlaceholderValue",
          "description": "Fills `${job.id}` in the policy's mount templates."
        },
        "params": {
          "type": "object",
          "maxProperties": 64,
          "propertyNames": {
            "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$",
            "x-expects": "a name of letters, digits and '_'"
          },
          "additionalProperties": {
            "$ref": "#/$defs/PlaceholderValue"
          },
          "description": "Fill `${params.NAME}` in the policy's mount templates."
        },
        "argv": {
          "type": "array",
          "maxItems": 4096,
          "items": {
            "$ref": "#/$defs/TextWithoutNul"
          },
          "description": "Arguments of the program, without its own name. Default: none."
        },
        "stdin": {
          "$ref": "#/$defs/TextOrBytes",
          "description": "Standard input. Default: empty."
        },
        "env": {
          "type": "object",
          "maxProperties": 256,
          "propertyNames": {
            "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,255}$",
            "x-expects": "a variable name of letters, digits and '_'"
          },
          "additionalProperties": {
            "$ref": "#/$defs/TextWithoutNul"
          },
          "description": "Environment variables that the policy's allow list admits."
        },
        "files": {
          "type": "object",
          "maxProperties": 64,
          "propertyNames": {
            "$ref": "#/$defs/AbsolutePath"
          },
          "additionalProperties": {
            "$ref": "#/$defs/TextOrBytes"
          },
          "description": "Small files by their paths in the sandbox, which the job's process itself writes there, confined as the code is, before any of the code runs. A path lies beneath a place where the policy lets a job write, or beneath a writable mount. Folders on the way are made, and a regular file that is there is overwritten; anything else that is there (a folder, a symbolic link), and whatever else keeps a file from being written, ends the job as an exception of its code would. Default: none."
        },
        "collect": {
          "type": "array",
          "maxItems": 16,
          "items": {
            "$ref": "#/$defs/CollectPattern"
          },
          "description": "Small files that are returned with the result: paths in writable mounts of this job, whose last part may be a pattern (`*`, `?` and `[...]` as in fnmatch(3), which match no leading dot; `\\` takes the next character as it is). They are read when the job has ended, however it did, with the rights of the requesting user: at most 256 files and 8 MiB. Default: none."
        },
        "stream": {
          "type": "boolean",
          "description": "The job's output comes in frames of the type Output while it runs, and not with the answer. Needs an `id`. Default: false."
        },
        "allow_paths": {
          "type": "array",
          "maxItems": 16,
          "items": {
            "$ref": "#/$defs/AbsolutePath"
          },
          "description": "Further allowed roots for `mounts`; accepted from the daemon's own user and from root only."
        },
        "deadline_ms": {
          "type": "integer",
          "minimum": 1,
          "maximum": 86400000,
          "description": "Longest time from the request's arrival to the release of its code, milliseconds. After it the request is answered LW_REQUEST_DEADLINE and nothing of it has run; a job whose code was released goes on. Default: none."
        },
        "idempotency_key": {
          "type": "string",
          "pattern": "^[A-Za-z0-9._:-]{1,128}$",
          "x-expects": "1 to 128 of letters, digits, '.', '_', ':', '-'",
          "description": "The same key and the same request, all fields but `id`, run once: a second one waits for the first one's answer, or gets it for ten minutes after (`replayed`). A key belongs to the user who sent it. The same key with another request is answered LW_REQUEST_KEY_REUSED. Default: none."
        }
      }
    },
    "Mount": {
      "type": "object",
      "required": [
        "host",
        "sandbox"
      ],
      "additionalProperties": false,
      "properties": {
        "host": {
          "$ref": "#/$defs/AbsolutePath",
          "description": "Path on the host: absolute and normal, no symbolic link below the allowed root."
        },
        "sandbox": {
          "type": "string",
          "maxLength": 255,
          "pattern": "^/[^\\u0000]*$",
          "x-expects": "an absolute path of at most 255 characters without NUL",
          "description": "Path inside: a mount of the policy, or a path outside its mounts and beneath its Landlock rules."
        },
        "ro": {
          "type": "boolean",
          "description": "Read-only. Default: true."
        }
      }
    },
    "PingRequest": {
      "description": "Asks who answers, and which protocol versions it speaks.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "Ping"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "protocol": {
          "type": "integer",
          "minimum": 1,
          "maximum": 65535,
          "description": "Version that the client wants to speak; one that the daemon does not speak is answered LW_PROTO_VERSION."
        }
      }
    },
    "StatusRequest": {
      "description": "Asks for policies, pools, jobs and the state of the supervisor.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "Status"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        }
      }
    },
    "CancelRequest": {
      "description": "Ends an Execute of the same connection, also one that waits for its turn. That one is answered as ever: with the status `cancelled`, or LW_JOB_CANCELLED alone where no code had started.",
      "type": "object",
      "required": [
        "type",
        "request"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "Cancel"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "request": {
          "type": "integer",
          "minimum": 0,
          "maximum": 9007199254740991,
          "description": "The `id` of the Execute."
        }
      }
    },
    "PolicyHistoryRequest": {
      "description": "Asks for the generations of policies that were served, the latest first. For operators: the daemon's own user and root.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "PolicyHistory"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "limit": {
          "type": "integer",
          "minimum": 1,
          "maximum": 100,
          "description": "At most so many; no more are kept. Default: 20."
        }
      }
    },
    "JobListRequest": {
      "description": "Asks for the jobs that run and that wait. A tenant is told of its own ones; the operators of all.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "JobList"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        }
      }
    },
    "JobKillRequest": {
      "description": "Ends jobs, running or waiting, and is answered when they have ended, or after `wait_ms`. Their Executes are answered with LW_JOB_KILLED, and with the status `cancelled` where code had started. It has either `jobs`, or `all` with or without the two fields that narrow it. The operators may end every job, others those that they have sent themselves.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "JobKill"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "jobs": {
          "type": "array",
          "minItems": 1,
          "maxItems": 256,
          "items": {
            "$ref": "#/$defs/JobName"
          },
          "description": "Which ones."
        },
        "all": {
          "const": true,
          "description": "All that the peer may end and that are under way now."
        },
        "tenant": {
          "$ref": "#/$defs/PlaceholderValue",
          "description": "Only with `all`: those of this tenant."
        },
        "policy": {
          "$ref": "#/$defs/PlaceholderValue",
          "description": "Only with `all`: those under this policy."
        },
        "wait_ms": {
          "type": "integer",
          "minimum": 0,
          "maximum": 86400000,
          "description": "How long to wait for their end at most. Default: 30000."
        }
      }
    },
    "WorkerListRequest": {
      "description": "Asks for the processes that run jobs, or will. A tenant is told of those of its own pools; the operators of all.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "WorkerList"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        }
      }
    },
    "PolicyApplyRequest": {
      "description": "Has files take the place of those with the same names, in the store of the daemon: checked, compiled and proven as a whole, or not at all. It is answered when they serve. For operators.",
      "type": "object",
      "required": [
        "type",
        "files"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "PolicyApply"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "files": {
          "type": "object",
          "maxProperties": 2048,
          "propertyNames": {
            "$ref": "#/$defs/PolicyFileName"
          },
          "additionalProperties": {
            "type": "string",
            "maxLength": 1048576
          },
          "description": "Texts of policies, runtimes with what they lock, and tenants, by name. At most 1 MiB each."
        },
        "prune": {
          "type": "boolean",
          "description": "All other files of the store go. Default: false."
        },
        "dry_run": {
          "type": "boolean",
          "description": "Nothing is changed; the answer says what would be. Default: false."
        },
        "expect_generation": {
          "type": "integer",
          "minimum": 1,
          "maximum": 9007199254740991,
          "description": "Number of the generation that has to serve; where another one does, the request is answered LW_POLICY_STALE. Default: any."
        },
        "expect_digest": {
          "$ref": "#/$defs/Sha256",
          "description": "Digest of the files that it has to be a change of, `base_digest` of a dry run; where it is one of others, the request is answered LW_POLICY_STALE: another daemon, or another history, can have the same number. Default: any."
        },
        "running": {
          "enum": [
            "finish",
            "deadline",
            "kill"
          ],
          "x-expects": "finish, deadline or kill",
          "description": "What becomes of jobs under policies that are others then: they end by themselves, get the daemon's `--revoke-after`, or are ended at once. Default: those whose policy is narrower or gone get the deadline, the others end by themselves."
        },
        "message": {
          "$ref": "#/$defs/PolicyMessage"
        }
      }
    },
    "PolicyRollbackRequest": {
      "description": "Brings back the files that the store had in a generation, as the next one; otherwise as PolicyApply.",
      "type": "object",
      "required": [
        "type",
        "generation"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "PolicyRollback"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "generation": {
          "type": "integer",
          "minimum": 1,
          "maximum": 9007199254740991,
          "description": "Number of the one that is brought back."
        },
        "dry_run": {
          "type": "boolean",
          "description": "Nothing is changed; the answer says what would be. Default: false."
        },
        "expect_generation": {
          "type": "integer",
          "minimum": 1,
          "maximum": 9007199254740991,
          "description": "Number of the generation that has to serve; where another one does, the request is answered LW_POLICY_STALE. Default: any."
        },
        "running": {
          "enum": [
            "finish",
            "deadline",
            "kill"
          ],
          "x-expects": "finish, deadline or kill",
          "description": "What becomes of jobs under policies that are others then: they end by themselves, get the daemon's `--revoke-after`, or are ended at once. Default: those whose policy is narrower or gone get the deadline, the others end by themselves."
        },
        "message": {
          "$ref": "#/$defs/PolicyMessage"
        }
      }
    },
    "LogReadRequest": {
      "description": "Asks for lines of the daemon's log, which keeps the last 4,096 of them, and no more than 1 MiB. For operators: the daemon's own user and root.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "LogRead"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "after": {
          "type": "integer",
          "minimum": 0,
          "maximum": 9007199254740991,
          "description": "`next` of an answer before: those that came since then. Default: the last ones."
        },
        "limit": {
          "type": "integer",
          "minimum": 1,
          "maximum": 4096,
          "description": "At most so many. Default: 100."
        },
        "level": {
          "$ref": "#/$defs/LogLevel",
          "description": "Those of this level, and more serious ones."
        },
        "job": {
          "$ref": "#/$defs/JobName",
          "description": "Those about this job."
        }
      }
    },
    "PolicyPinRequest": {
      "description": "Has a generation of the history serve until PolicyUnpin, also after a restart: what changes in the folders waits, and what is applied is refused. For operators.",
      "type": "object",
      "required": [
        "type",
        "generation"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "PolicyPin"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        },
        "generation": {
          "type": "integer",
          "minimum": 1,
          "maximum": 9007199254740991,
          "description": "Its number, which it has again."
        },
        "message": {
          "$ref": "#/$defs/PolicyMessage"
        }
      }
    },
    "PolicyUnpinRequest": {
      "description": "Has that serve which is in the folders, or in the store, now. For operators.",
      "type": "object",
      "required": [
        "type"
      ],
      "additionalProperties": false,
      "properties": {
        "type": {
          "const": "PolicyUnpin"
        },
        "id": {
          "$ref": "#/$defs/RequestId"
        }
      }
    },
    "ExecuteResponse": {
      "description": "`success` is true exactly for the statuses ok, error and signaled; `error` is there exactly when it is false. `result` is there whenever user code has started.",
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "Execute"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/JobResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        },
        "job": {
          "$ref": "#/$defs/JobName",
          "description": "The job's own name; not there where the request was refused before it became one."
        },
        "replayed": {
          "const": true,
          "description": "Only where the job was run for an earlier request with the same `idempotency_key`, and not for this one."
        }
      }
    },
    "PingResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "Ping"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/PingResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "StatusResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "Status"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/StatusResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "CancelResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "Cancel"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/CancelResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "PolicyHistoryResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "PolicyHistory"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/PolicyHistoryResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "JobListResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "JobList"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/JobListResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "JobKillResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "JobKill"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/JobKillResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "WorkerListResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "WorkerList"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/WorkerListResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "PolicyApplyResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "PolicyApply"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/PolicyChangeResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "PolicyRollbackResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "PolicyRollback"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/PolicyChangeResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "LogReadResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "LogRead"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/LogReadResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "PolicyPinResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "PolicyPin"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/PolicyPinResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "PolicyUnpinResponse": {
      "type": "object",
      "required": [
        "type",
        "id",
        "success"
      ],
      "properties": {
        "type": {
          "const": "PolicyUnpin"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "type": "boolean"
        },
        "result": {
          "$ref": "#/$defs/PolicyPinResult"
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "OutputFrame": {
      "description": "A part of a job's output, before the answer to an Execute with `stream`. The parts of each stream come in order, cut anywhere. A client that does not read them makes that job wait.",
      "type": "object",
      "required": [
        "type",
        "id",
        "stream",
        "data"
      ],
      "properties": {
        "type": {
          "const": "Output"
        },
        "id": {
          "$ref": "#/$defs/RequestId",
          "description": "Of the Execute."
        },
        "stream": {
          "enum": [
            "stdout",
            "stderr"
          ]
        },
        "data": {
          "x-msgpack": "bin"
        }
      }
    },
    "ErrorResponse": {
      "description": "The answer to a frame that is no request of a known type. Where the stream is lost, the connection is closed after it.",
      "type": "object",
      "required": [
        "type",
        "id",
        "success",
        "error"
      ],
      "properties": {
        "type": {
          "const": "Error"
        },
        "id": {
          "$ref": "#/$defs/EchoedId"
        },
        "success": {
          "const": false
        },
        "error": {
          "$ref": "#/$defs/ErrorBody"
        }
      }
    },
    "ErrorBody": {
      "type": "object",
      "required": [
        "code",
        "message",
        "retryable"
      ],
      "properties": {
        "code": {
          "type": "string",
          "pattern": "^LW_[A-Z_]+$",
          "x-expects": "an error code",
          "description": "Stable; see the error reference."
        },
        "message": {
          "type": "string",
          "description": "For people."
        },
        "retryable": {
          "type": "boolean",
          "description": "The same request, sent again unchanged, may succeed."
        },
        "place": {
          "description": "What the error is about: a field of the request, a place in a policy file, or both; left out when there is none.",
          "anyOf": [
            {
              "$ref": "#/$defs/FieldPlace"
            },
            {
              "$ref": "#/$defs/FilePlace"
            }
          ]
        },
        "hint": {
          "type": "string",
          "description": "What to do in this very case; left out when there is none."
        }
      }
    },
    "FieldPlace": {
      "type": "object",
      "required": [
        "field"
      ],
      "properties": {
        "field": {
          "type": "string",
          "description": "Path of the field, for example `mounts[0].host`."
        }
      }
    },
    "FilePlace": {
      "type": "object",
      "required": [
        "file",
        "line",
        "col"
      ],
      "properties": {
        "file": {
          "type": "string"
        },
        "line": {
          "type": "integer"
        },
        "col": {
          "type": "integer"
        }
      }
    },
    "JobResult": {
      "description": "Status, limits and usage are the kernel's and the supervisor's word; `error`, `stdout` and `stderr` are the job's. What is not known is null, never 0.",
      "type": "object",
      "required": [
        "exit_code",
        "stdout",
        "stderr",
        "duration_ms",
        "memory_peak",
        "cpu_time_us",
        "timed_out",
        "oom_killed",
        "status",
        "signal",
        "truncated",
        "binary",
        "error",
        "denials",
        "policy",
        "enforced",
        "timing"
      ],
      "properties": {
        "exit_code": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Exit code of the job; null when it was killed."
        },
        "stdout": {
          "$ref": "#/$defs/TextOrBytes",
          "description": "Text, or bytes when it is not valid UTF-8 (`binary.stdout`)."
        },
        "stderr": {
          "$ref": "#/$defs/TextOrBytes",
          "description": "As `stdout`."
        },
        "duration_ms": {
          "type": "integer",
          "description": "Release of the code to the end of the process, milliseconds."
        },
        "memory_peak": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Bytes."
        },
        "cpu_time_us": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Microseconds, all processes of the job."
        },
        "timed_out": {
          "type": "boolean"
        },
        "oom_killed": {
          "type": "boolean"
        },
        "status": {
          "$ref": "#/$defs/JobStatus"
        },
        "signal": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Number of the signal that ended the job."
        },
        "streamed": {
          "type": "object",
          "description": "Only with `stream`: how many bytes of each stream came in Output frames; `stdout` and `stderr` are empty.",
          "required": [
            "stdout",
            "stderr"
          ],
          "properties": {
            "stdout": {
              "type": "integer"
            },
            "stderr": {
              "type": "integer"
            }
          }
        },
        "truncated": {
          "$ref": "#/$defs/OutputFlags",
          "description": "The stream was cut, at the policy's limit or to fit the frame."
        },
        "binary": {
          "$ref": "#/$defs/OutputFlags",
          "description": "The stream is not valid UTF-8 and is given as bytes."
        },
        "error": {
          "description": "The exception that ended the job, by its own claim; null when there was none.",
          "anyOf": [
            {
              "$ref": "#/$defs/JobException"
            },
            {
              "type": "null"
            }
          ]
        },
        "denials": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/Denial"
          }
        },
        "policy": {
          "$ref": "#/$defs/PolicyIdentity"
        },
        "enforced": {
          "$ref": "#/$defs/Receipt"
        },
        "timing": {
          "$ref": "#/$defs/Timing"
        },
        "files": {
          "type": "object",
          "additionalProperties": {
            "x-msgpack": "bin"
          },
          "description": "What the request collects, by path in the sandbox; there exactly when it collects something."
        },
        "not_collected": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/NotCollected"
          },
          "description": "What fits a pattern and is not in `files`; there whenever `files` is."
        }
      }
    },
    "NotCollected": {
      "type": "object",
      "required": [
        "path",
        "reason"
      ],
      "properties": {
        "path": {
          "type": "string",
          "description": "In the sandbox, with U+FFFD for what is not UTF-8; the pattern itself when the reason is about all of it."
        },
        "reason": {
          "$ref": "#/$defs/NotCollectedReason"
        }
      }
    },
    "NotCollectedReason": {
      "enum": [
        "missing",
        "symlink",
        "directory",
        "special",
        "unreadable",
        "other_mount",
        "too_large",
        "too_many",
        "name_not_utf8",
        "timed_out",
        "failed"
      ],
      "description": "`missing`: nothing fits. `symlink`, `directory`, `special` (a FIFO, socket or device): not a regular file; links are not followed on the way either. `unreadable`: not with the rights of the requesting user. `other_mount`: of another file system that is mounted there. `too_large`: does not fit what is left of 8 MiB. `too_many`: more fits the pattern than 256 files in all, in the order of their names, or more names are there than are looked at. `timed_out`: the file system did not answer. `failed`: it could not be read."
    },
    "JobStatus": {
      "enum": [
        "ok",
        "error",
        "signaled",
        "timed_out",
        "oom_killed",
        "output_limit",
        "cpu_limit",
        "denied",
        "cancelled",
        "sandbox_error",
        "lost"
      ],
      "description": "How the job ended."
    },
    "OutputFlags": {
      "type": "object",
      "required": [
        "stdout",
        "stderr"
      ],
      "properties": {
        "stdout": {
          "type": "boolean"
        },
        "stderr": {
          "type": "boolean"
        }
      }
    },
    "JobException": {
      "type": "object",
      "required": [
        "name",
        "value",
        "traceback",
        "lossy"
      ],
      "properties": {
        "name": {
          "type": "string"
        },
        "value": {
          "type": "string"
        },
        "traceback": {
          "type": "string"
        },
        "lossy": {
          "type": "boolean",
          "description": "True: what arrived was not all UTF-8 (the rest stands there as U+FFFD), or the daemon cut it."
        }
      }
    },
    "Denial": {
      "description": "A system call that the policy refused, or a limit of the policy that made calls fail.",
      "type": "object",
      "required": [
        "syscall",
        "nr",
        "args",
        "count",
        "errno",
        "rule",
        "hint"
      ],
      "properties": {
        "syscall": {
          "type": [
            "string",
            "null"
          ],
          "description": "Name; null for a number that the tables do not have, and for a limit."
        },
        "nr": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Number on the job's architecture; null for a limit."
        },
        "limit": {
          "enum": [
            "pids"
          ],
          "description": "Only where it was a limit, which the kernel counts without telling the calls: processes and threads. Files that grew to `fileSize` and file systems that were full are not counted by the kernel; the job alone gets EFBIG (and SIGXFSZ, the result's `signal` where it is not ignored, as Python does) or ENOSPC."
        },
        "args": {
          "type": "array",
          "items": {
            "type": [
              "integer",
              "string"
            ]
          },
          "description": "Arguments of the first occurrence, as many as the call has, signed where its type is; a value beyond 2^53 is a string in hex."
        },
        "count": {
          "type": "integer"
        },
        "errno": {
          "type": [
            "string",
            "null"
          ],
          "description": "What the job was answered, for example EACCES; null when the call ended it."
        },
        "rule": {
          "type": [
            "string",
            "null"
          ],
          "description": "`file:line:col` of the rule; null when no rule speaks of the call."
        },
        "hint": {
          "type": [
            "string",
            "null"
          ],
          "description": "What would allow it, or why nothing should."
        }
      }
    },
    "PolicyIdentity": {
      "type": "object",
      "required": [
        "name",
        "generation",
        "digest"
      ],
      "properties": {
        "name": {
          "type": "string"
        },
        "generation": {
          "type": "integer",
          "description": "Number of the set of policies that served; it goes on after a restart of the daemon."
        },
        "digest": {
          "$ref": "#/$defs/Sha256",
          "description": "Over the sha256 of the text of the policy and of each that it extends: hexadecimal, a line each."
        }
      }
    },
    "Sha256": {
      "type": "string",
      "pattern": "^sha256:[0-9a-f]{64}$",
      "x-expects": "a sha256 digest",
      "description": "`sha256:` and 64 hex digits."
    },
    "Receipt": {
      "description": "What was enforced: read back from the kernel by the supervisor before any user code, or reported by the job's own set-up steps where the kernel shows nothing (Landlock, the filter's program); not from what was asked. `policy`, `proven` and `daemon` are the daemon's own word.",
      "type": "object",
      "required": [
        "policy",
        "plan",
        "mode",
        "proven",
        "seccomp",
        "landlock",
        "namespaces",
        "cgroup",
        "user",
        "capabilities_empty",
        "no_new_privs",
        "not_dumpable",
        "id_mapped_mounts",
        "execution",
        "daemon",
        "supervisor"
      ],
      "properties": {
        "policy": {
          "$ref": "#/$defs/PolicyIdentity"
        },
        "plan": {
          "$ref": "#/$defs/Sha256",
          "description": "Name of the plan that the supervisor carried out."
        },
        "mode": {
          "enum": [
            "enforce",
            "audit"
          ],
          "description": "By which the supervisor answered denied calls."
        },
        "proven": {
          "type": "boolean",
          "description": "The seccomp program that was installed is the one that was proven, before use, to answer every system call as the policy says."
        },
        "seccomp": {
          "type": "object",
          "required": [
            "mode",
            "digest",
            "instructions"
          ],
          "properties": {
            "mode": {
              "enum": [
                "filter",
                "none"
              ]
            },
            "digest": {
              "anyOf": [
                {
                  "$ref": "#/$defs/Sha256"
                },
                {
                  "type": "null"
                }
              ],
              "description": "sha256 of the program that the job gave to seccomp(2); the supervisor runs no job whose program is not the plan's."
            },
            "instructions": {
              "type": "integer"
            }
          }
        },
        "landlock": {
          "type": "object",
          "required": [
            "status",
            "abi",
            "missing"
          ],
          "properties": {
            "status": {
              "enum": [
                "fully",
                "partially",
                "not_enforced"
              ]
            },
            "abi": {
              "type": "integer",
              "description": "ABI of the ruleset that the job gave to the kernel; 0 when not enforced."
            },
            "missing": {
              "type": "array",
              "items": {
                "type": "string"
              },
              "description": "Rights and scopes that the policy uses and this kernel lacks."
            }
          }
        },
        "namespaces": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Those that are other ones than the supervisor's."
        },
        "cgroup": {
          "type": "object",
          "required": [
            "version",
            "limits",
            "enforced",
            "not_enforced"
          ],
          "properties": {
            "version": {
              "enum": [
                0,
                1,
                2
              ],
              "description": "0: none usable."
            },
            "limits": {
              "type": "object",
              "required": [
                "memory",
                "pids",
                "cpu_quota_us",
                "cpu_period_us"
              ],
              "properties": {
                "memory": {
                  "type": [
                    "integer",
                    "null"
                  ],
                  "description": "Bytes, read back; null: no limit."
                },
                "pids": {
                  "type": [
                    "integer",
                    "null"
                  ]
                },
                "cpu_quota_us": {
                  "type": [
                    "integer",
                    "null"
                  ]
                },
                "cpu_period_us": {
                  "type": [
                    "integer",
                    "null"
                  ]
                }
              }
            },
            "enforced": {
              "type": "array",
              "items": {
                "type": "string"
              }
            },
            "not_enforced": {
              "type": "array",
              "items": {
                "type": "string"
              },
              "description": "Limits of the policy that this host cannot enforce."
            }
          }
        },
        "user": {
          "type": "object",
          "description": "Read back from uid_map and gid_map of the job.",
          "required": [
            "inside_uid",
            "inside_gid",
            "outside_uid",
            "outside_gid"
          ],
          "properties": {
            "inside_uid": {
              "type": "integer"
            },
            "inside_gid": {
              "type": "integer"
            },
            "outside_uid": {
              "type": "integer",
              "description": "Host id behind it."
            },
            "outside_gid": {
              "type": "integer"
            }
          }
        },
        "capabilities_empty": {
          "type": "boolean",
          "description": "All five sets."
        },
        "no_new_privs": {
          "type": "boolean"
        },
        "not_dumpable": {
          "type": "boolean"
        },
        "id_mapped_mounts": {
          "type": "boolean",
          "description": "The request has mounts, and the kernel took an id map for each."
        },
        "execution": {
          "type": "object",
          "description": "Which job of its process this was: 1 of 1 is a process of its own (the policy's `reuse: never`).",
          "required": [
            "number",
            "of"
          ],
          "properties": {
            "number": {
              "type": "integer",
              "minimum": 0,
              "description": "From 1; 0 when the job never had one."
            },
            "of": {
              "type": "integer",
              "minimum": 1,
              "description": "As many jobs as the policy lets a process run."
            }
          }
        },
        "daemon": {
          "type": "object",
          "required": [
            "version",
            "uid",
            "embedded"
          ],
          "properties": {
            "version": {
              "type": "string"
            },
            "uid": {
              "type": "integer"
            },
            "embedded": {
              "type": "boolean"
            }
          }
        },
        "supervisor": {
          "type": "object",
          "required": [
            "privileged"
          ],
          "properties": {
            "privileged": {
              "type": "boolean",
              "description": "Started as root."
            },
            "jobs_run_as": {
              "enum": [
                "slot",
                "peer",
                "user"
              ],
              "description": "Whose host ids the job had: its slot's own; those of whoever asked, as a file system takes no id map and the policy says runAsPeer; or, without privilege, the one user's, shared by all jobs that have mounts, and by all others where the user has no subordinate ids."
            }
          }
        }
      }
    },
    "Timing": {
      "description": "Microseconds; null for a part that was not reached.",
      "type": "object",
      "required": [
        "pool_us",
        "queue_us",
        "attach_us",
        "run_us",
        "teardown_us",
        "total_us"
      ],
      "properties": {
        "pool_us": {
          "type": "integer",
          "description": "Waiting for the pool's interpreter to start; 0 when it was there."
        },
        "queue_us": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Waiting for a standby job."
        },
        "attach_us": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Opening and attaching mounts."
        },
        "run_us": {
          "type": [
            "integer",
            "null"
          ]
        },
        "teardown_us": {
          "type": [
            "integer",
            "null"
          ]
        },
        "total_us": {
          "type": "integer",
          "description": "From admission to the answer."
        }
      }
    },
    "PingResult": {
      "type": "object",
      "required": [
        "protocol",
        "minimum_protocol",
        "version",
        "pid",
        "uid"
      ],
      "properties": {
        "protocol": {
          "type": "integer",
          "description": "Newest protocol version that the daemon speaks."
        },
        "minimum_protocol": {
          "type": "integer"
        },
        "version": {
          "type": "string",
          "description": "Version of Leeward."
        },
        "pid": {
          "type": "integer"
        },
        "uid": {
          "type": "integer"
        }
      }
    },
    "CancelResult": {
      "type": "object",
      "required": [
        "cancelled"
      ],
      "properties": {
        "cancelled": {
          "type": "boolean",
          "description": "False: no Execute with that id is under way on this connection; it has ended, or never was. True: it was told to end; one that just ended by itself keeps its own status."
        }
      }
    },
    "PolicyHistoryResult": {
      "type": "object",
      "required": [
        "serving",
        "generations",
        "problems"
      ],
      "properties": {
        "serving": {
          "type": "integer",
          "description": "Number of the generation that serves now."
        },
        "generations": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/PolicyGeneration"
          },
          "description": "The latest first."
        },
        "problems": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Why generations are missing: they are damaged, or cannot be recorded."
        }
      }
    },
    "PolicyGeneration": {
      "description": "Policies, runtimes and tenants as they were served.",
      "type": "object",
      "required": [
        "number",
        "time",
        "act",
        "author",
        "message",
        "digest",
        "changes"
      ],
      "properties": {
        "number": {
          "type": "integer"
        },
        "time": {
          "type": "string",
          "description": "When it was loaded first (RFC 3339, UTC)."
        },
        "act": {
          "$ref": "#/$defs/PolicyAct"
        },
        "author": {
          "anyOf": [
            {
              "$ref": "#/$defs/PolicyAuthor"
            },
            {
              "type": "null"
            }
          ],
          "description": "Who asked for it, by the kernel's word; null: whoever may write the policy folders."
        },
        "message": {
          "type": [
            "string",
            "null"
          ],
          "description": "What the author says of it."
        },
        "digest": {
          "$ref": "#/$defs/Sha256",
          "description": "Of all names and texts: the same exactly when they are."
        },
        "changes": {
          "type": [
            "array",
            "null"
          ],
          "items": {
            "$ref": "#/$defs/PolicyChange"
          },
          "description": "What it did to policies, beside the one that served before; null for one that a daemon was started with."
        }
      }
    },
    "PolicyFileName": {
      "type": "string",
      "maxLength": 140,
      "pattern": "^(?:(?:tenants/)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.yaml|runtimes/[A-Za-z0-9][A-Za-z0-9._-]{0,127})$",
      "x-expects": "`NAME.yaml`, `tenants/NAME.yaml` or a file in `runtimes/`"
    },
    "PolicyMessage": {
      "type": "string",
      "maxLength": 500,
      "pattern": "^[^\\p{Cc}]+$",
      "x-expects": "a line of 1 to 500 characters",
      "description": "What the author says of it, for the history. Default: nothing."
    },
    "PolicyChangeResult": {
      "type": "object",
      "required": [
        "base",
        "base_digest",
        "generation",
        "digest",
        "files",
        "policies",
        "findings",
        "more_findings"
      ],
      "properties": {
        "base": {
          "type": "integer",
          "description": "Number of the generation that it was held against."
        },
        "base_digest": {
          "$ref": "#/$defs/Sha256",
          "description": "Of all names and texts that it is a change of."
        },
        "generation": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Number of the one that serves since; null: nothing was changed."
        },
        "digest": {
          "$ref": "#/$defs/Sha256",
          "description": "Of all names and texts, as in the history."
        },
        "files": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/PolicyFileChange"
          }
        },
        "policies": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/ComparedPolicy"
          },
          "description": "Those that are made of other files, by name."
        },
        "findings": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/PolicyFinding"
          },
          "description": "What is worth saying of the files although nothing forbids them: first of policies that a tenant lists and cannot use."
        },
        "more_findings": {
          "type": "integer",
          "description": "How many more there are, for which an answer has no room."
        }
      }
    },
    "PolicyPinResult": {
      "type": "object",
      "required": [
        "base",
        "generation",
        "problem",
        "unsynced"
      ],
      "properties": {
        "base": {
          "type": "integer",
          "description": "Number of the generation that served before."
        },
        "generation": {
          "type": "integer",
          "description": "Number of the one that serves now."
        },
        "problem": {
          "type": [
            "string",
            "null"
          ],
          "description": "Why what is in the folders, or in the store, is not served, as in `reload_error`; null when it is, or nobody has looked."
        },
        "unsynced": {
          "type": [
            "string",
            "null"
          ],
          "description": "Why a power failure may bring back what was pinned before: the folder could not be synced; null when it cannot."
        }
      }
    },
    "PinnedGeneration": {
      "type": "object",
      "required": [
        "generation",
        "time",
        "author",
        "message",
        "waiting"
      ],
      "properties": {
        "generation": {
          "type": "integer"
        },
        "time": {
          "type": "string",
          "description": "Since when (RFC 3339, UTC)."
        },
        "author": {
          "$ref": "#/$defs/PolicyAuthor"
        },
        "message": {
          "type": [
            "string",
            "null"
          ]
        },
        "waiting": {
          "type": "boolean",
          "description": "What would serve without it is another one."
        }
      }
    },
    "PolicyFileChange": {
      "type": "object",
      "required": [
        "name",
        "change"
      ],
      "properties": {
        "name": {
          "type": "string"
        },
        "change": {
          "enum": [
            "added",
            "removed",
            "changed"
          ]
        }
      }
    },
    "ComparedPolicy": {
      "type": "object",
      "required": [
        "policy",
        "relation",
        "differences",
        "more"
      ],
      "properties": {
        "policy": {
          "type": "string"
        },
        "relation": {
          "$ref": "#/$defs/PolicyRelation"
        },
        "differences": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/PolicyDifference"
          },
          "description": "The first ones; what allows more comes first."
        },
        "more": {
          "type": "integer",
          "description": "How many there are beside these."
        }
      }
    },
    "PolicyDifference": {
      "type": "object",
      "required": [
        "subject",
        "direction",
        "before",
        "after"
      ],
      "properties": {
        "subject": {
          "type": "string",
          "description": "A field, or a system call with arguments for which the answers differ."
        },
        "direction": {
          "enum": [
            "wider",
            "narrower",
            "incomparable",
            "different"
          ]
        },
        "before": {
          "anyOf": [
            {
              "$ref": "#/$defs/PolicySaying"
            },
            {
              "type": "null"
            }
          ],
          "description": "Null: the policy had nothing there."
        },
        "after": {
          "anyOf": [
            {
              "$ref": "#/$defs/PolicySaying"
            },
            {
              "type": "null"
            }
          ]
        }
      }
    },
    "PolicySaying": {
      "type": "object",
      "required": [
        "text",
        "file",
        "line",
        "col"
      ],
      "properties": {
        "text": {
          "type": "string"
        },
        "file": {
          "type": "string"
        },
        "line": {
          "type": "integer"
        },
        "col": {
          "type": "integer"
        }
      }
    },
    "PolicyFinding": {
      "type": "object",
      "required": [
        "severity",
        "code",
        "message",
        "file",
        "line",
        "col"
      ],
      "properties": {
        "severity": {
          "enum": [
            "warning",
            "note"
          ]
        },
        "code": {
          "type": "string",
          "description": "A rule of the lint reference."
        },
        "message": {
          "type": "string"
        },
        "file": {
          "type": "string"
        },
        "line": {
          "type": "integer"
        },
        "col": {
          "type": "integer"
        },
        "hint": {
          "type": "string"
        }
      }
    },
    "PolicyAct": {
      "enum": [
        "start",
        "change",
        "apply",
        "rollback"
      ],
      "description": "How a generation came to be. `start`: a daemon was started with it. `change`: its files were changed in the policy folders. `apply` and `rollback`: somebody asked for it."
    },
    "PolicyAuthor": {
      "type": "object",
      "required": [
        "uid",
        "name"
      ],
      "properties": {
        "uid": {
          "type": "integer"
        },
        "name": {
          "type": [
            "string",
            "null"
          ],
          "description": "Of the user, as the daemon's host had it; null: it had none."
        }
      }
    },
    "PolicyChange": {
      "type": "object",
      "required": [
        "policy",
        "relation"
      ],
      "properties": {
        "policy": {
          "type": "string"
        },
        "relation": {
          "$ref": "#/$defs/PolicyRelation"
        }
      }
    },
    "PolicyRelation": {
      "enum": [
        "added",
        "removed",
        "wider",
        "narrower",
        "equal",
        "incomparable",
        "unknown"
      ],
      "description": "How a policy stands to what it was, as `leeward policy diff` says it. `equal`: another text, or another runtime, with the same rights. `unknown`: it has, or had, an error."
    },
    "StatusResult": {
      "type": "object",
      "description": "A tenant sees what is its own; the operators (the daemon's own user and root) see all.",
      "required": [
        "daemon",
        "supervisor",
        "policy_source",
        "policies",
        "policy_errors",
        "reload_error",
        "pools",
        "tenants",
        "jobs",
        "connections"
      ],
      "properties": {
        "daemon": {
          "type": "object",
          "required": [
            "version",
            "protocol",
            "pid",
            "uid",
            "embedded",
            "uptime_ms",
            "generation",
            "loaded_at",
            "socket",
            "state_directory"
          ],
          "properties": {
            "version": {
              "type": "string"
            },
            "protocol": {
              "type": "integer"
            },
            "pid": {
              "type": "integer"
            },
            "uid": {
              "type": "integer"
            },
            "embedded": {
              "type": "boolean"
            },
            "uptime_ms": {
              "type": "integer"
            },
            "generation": {
              "type": "integer",
              "description": "Number of the set of policies, runtimes and tenants that serves; it goes on after a restart of the daemon, and with it where they are the same."
            },
            "loaded_at": {
              "type": "string",
              "description": "When this generation was loaded (RFC 3339, UTC)."
            },
            "socket": {
              "type": [
                "string",
                "null"
              ]
            },
            "state_directory": {
              "type": "string"
            }
          }
        },
        "supervisor": {
          "type": "object",
          "required": [
            "state",
            "restarts",
            "privileged",
            "landlock_abi",
            "cgroup_version",
            "cgroup_base",
            "cgroup_reason",
            "limits_available"
          ],
          "properties": {
            "state": {
              "enum": [
                "starting",
                "ready",
                "restarting",
                "stopped"
              ]
            },
            "restarts": {
              "type": "integer"
            },
            "privileged": {
              "type": [
                "boolean",
                "null"
              ]
            },
            "landlock_abi": {
              "type": [
                "integer",
                "null"
              ]
            },
            "cgroup_version": {
              "type": [
                "integer",
                "null"
              ]
            },
            "cgroup_base": {
              "type": [
                "string",
                "null"
              ]
            },
            "cgroup_reason": {
              "type": [
                "string",
                "null"
              ],
              "description": "Why limits are missing; null when none is."
            },
            "limits_available": {
              "type": "array",
              "items": {
                "type": "string"
              }
            }
          }
        },
        "policy_source": {
          "type": "object",
          "required": [
            "kind",
            "folder",
            "pinned",
            "history_problems"
          ],
          "properties": {
            "kind": {
              "enum": [
                "directory",
                "store"
              ],
              "description": "Where policies, runtimes and tenants come from: folders that are followed, or what operators give the daemon."
            },
            "folder": {
              "type": [
                "string",
                "null"
              ],
              "description": "The first folder that is searched; of a store the one that places of findings name. Null for a tenant."
            },
            "pinned": {
              "anyOf": [
                {
                  "$ref": "#/$defs/PinnedGeneration"
                },
                {
                  "type": "null"
                }
              ],
              "description": "The generation that serves whatever changes; null: none is pinned, or the peer is a tenant."
            },
            "history_problems": {
              "type": "array",
              "items": {
                "type": "string"
              },
              "description": "Why the generation that serves is not recorded, a power failure may undo what was pinned, or files of the history of policies cannot be read or removed. Operators alone see it."
            }
          }
        },
        "policies": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/PolicyStatus"
          }
        },
        "policy_errors": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "`file:line:col: error CODE: message` of files that are not loaded."
        },
        "reload_error": {
          "description": "Why what is in the policy folders, or in the store, is not served; null when it is. Operators alone see it.",
          "type": [
            "object",
            "null"
          ],
          "required": [
            "at",
            "message"
          ],
          "properties": {
            "at": {
              "type": "string",
              "description": "Since when (RFC 3339, UTC)."
            },
            "message": {
              "type": "string",
              "description": "`file:line:col: error CODE: message`"
            }
          }
        },
        "audit_log": {
          "description": "Null where there is none, and for a tenant.",
          "anyOf": [
            {
              "$ref": "#/$defs/AuditLogStatus"
            },
            {
              "type": "null"
            }
          ]
        },
        "pools": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/PoolStatus"
          }
        },
        "tenants": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/TenantStatus"
          }
        },
        "jobs": {
          "type": "object",
          "required": [
            "running",
            "queued",
            "ended"
          ],
          "properties": {
            "running": {
              "type": "integer"
            },
            "queued": {
              "type": "integer"
            },
            "ended": {
              "type": "object",
              "additionalProperties": {
                "type": "integer"
              },
              "description": "Number of ended jobs by status; empty for a tenant."
            }
          }
        },
        "connections": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Null for a tenant."
        }
      }
    },
    "JobName": {
      "type": "string",
      "pattern": "^[0-9a-hjkmnp-tv-z]{12}$",
      "x-expects": "the name of a job, 12 digits and letters as `leeward ps` shows them",
      "description": "A job's own name, which the daemon gives it when its request is admitted: it means one job, also after a restart of the daemon, and names sort in the order of admission. It is in the log, the audit log and the answer; the job itself does not learn it."
    },
    "JobListResult": {
      "type": "object",
      "required": [
        "jobs",
        "total"
      ],
      "properties": {
        "jobs": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/JobState"
          },
          "description": "In the order of their admission; the first 8,192 of them."
        },
        "total": {
          "type": "integer",
          "description": "How many there are."
        }
      }
    },
    "JobState": {
      "description": "A job under way. Nothing of its code, arguments, environment or output is told.",
      "type": "object",
      "required": [
        "job",
        "job_id",
        "tenant",
        "uid",
        "policy",
        "generation",
        "state",
        "admitted_at",
        "age_ms",
        "state_ms",
        "slot",
        "pid",
        "memory_limit"
      ],
      "properties": {
        "job": {
          "$ref": "#/$defs/JobName"
        },
        "job_id": {
          "type": [
            "string",
            "null"
          ],
          "description": "The request's `job_id`."
        },
        "tenant": {
          "type": "string"
        },
        "uid": {
          "type": "integer",
          "description": "Who has sent it."
        },
        "policy": {
          "type": [
            "string",
            "null"
          ],
          "description": "Null where the request names none and the tenant has no default."
        },
        "generation": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Of the policy that it runs under; null while that is looked up."
        },
        "state": {
          "$ref": "#/$defs/JobPhase"
        },
        "admitted_at": {
          "type": "string",
          "description": "RFC 3339, UTC."
        },
        "age_ms": {
          "type": "integer",
          "description": "Since its admission."
        },
        "state_ms": {
          "type": "integer",
          "description": "Since it has this state."
        },
        "slot": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Of the worker that runs it; its control group is `worker-SLOT`. Null while it waits."
        },
        "pid": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Of the job's process, in the supervisor's PID namespace. Null while it waits."
        },
        "memory_limit": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Bytes that it may have, by its request and policy; whether the host enforces it says the receipt. Null until its request was looked at."
        }
      }
    },
    "JobPhase": {
      "description": "`preparing`: its policy is compiled, its mounts are looked at; `queued`: waits for a place; `opening`: waits for the interpreter of its pool; `starting`: waits for a sandbox with its mounts; `running`; `ending`: it was told to end, and something of it is still there.",
      "enum": [
        "preparing",
        "queued",
        "opening",
        "starting",
        "running",
        "ending"
      ]
    },
    "JobKillResult": {
      "type": "object",
      "required": [
        "killed",
        "ending",
        "gone"
      ],
      "properties": {
        "killed": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/JobName"
          },
          "description": "These have ended because of this request."
        },
        "ending": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/JobName"
          },
          "description": "These were told to end and had not ended after `wait_ms`: they still hold what they hold, and JobList shows them until they have."
        },
        "gone": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/JobName"
          },
          "description": "Of `jobs`: those that are not under way, that have ended otherwise first (by themselves, cancelled by their client, revoked, lost), or that the peer may not end."
        }
      }
    },
    "LogLevel": {
      "enum": [
        "trace",
        "debug",
        "info",
        "warn",
        "error",
        "fatal"
      ]
    },
    "LogReadResult": {
      "type": "object",
      "required": [
        "lines",
        "next",
        "missed"
      ],
      "properties": {
        "lines": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "JSON, as they were written; oldest first."
        },
        "next": {
          "type": "integer",
          "description": "The place in the log up to which was looked."
        },
        "missed": {
          "type": "integer",
          "description": "Lines after `after` that the daemon does not have any more."
        }
      }
    },
    "WorkerListResult": {
      "type": "object",
      "required": [
        "workers",
        "total",
        "recycled"
      ],
      "properties": {
        "workers": {
          "type": [
            "array",
            "null"
          ],
          "items": {
            "$ref": "#/$defs/WorkerState"
          },
          "description": "The first 8,192 of them. Null where it is not known: there is no supervisor, or it has too much to do to tell."
        },
        "total": {
          "type": [
            "integer",
            "null"
          ],
          "description": "How many there are; null for a tenant."
        },
        "recycled": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Workers that have run jobs and are no more, since the start of the supervisor; null for a tenant."
        }
      }
    },
    "WorkerState": {
      "description": "A process that runs jobs of one tenant under one policy.",
      "type": "object",
      "required": [
        "slot",
        "tenant",
        "policy",
        "state",
        "executions",
        "executions_max",
        "job",
        "memory",
        "cpu_time_us"
      ],
      "properties": {
        "slot": {
          "type": "integer",
          "description": "Its control group is `worker-SLOT`."
        },
        "tenant": {
          "type": [
            "string",
            "null"
          ],
          "description": "Null, as `policy`, where its pool is closed already."
        },
        "policy": {
          "type": [
            "string",
            "null"
          ]
        },
        "state": {
          "enum": [
            "idle",
            "busy",
            "recycling"
          ],
          "description": "`idle`: ready for a job; `busy`: runs one; `recycling`: is made, made ready again, or taken down."
        },
        "executions": {
          "type": "integer",
          "description": "Jobs that were given to it, the one that it runs included."
        },
        "executions_max": {
          "type": [
            "integer",
            "null"
          ],
          "description": "After as many it is recycled (the policy's `reuse`)."
        },
        "job": {
          "anyOf": [
            {
              "$ref": "#/$defs/JobName"
            },
            {
              "type": "null"
            }
          ],
          "description": "The one that it runs."
        },
        "memory": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Bytes that its control group is charged for now; null where nobody counts."
        },
        "cpu_time_us": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Processor time of its processes since it was made, that of earlier jobs included; null where nobody counts."
        }
      }
    },
    "AuditLogStatus": {
      "type": "object",
      "required": [
        "path",
        "sequence",
        "written_at",
        "written",
        "problem",
        "since",
        "refuses_jobs"
      ],
      "properties": {
        "path": {
          "type": "string",
          "description": "The file that is written."
        },
        "sequence": {
          "type": "integer",
          "description": "Of the last record that is written; 0: there is none."
        },
        "written_at": {
          "type": [
            "string",
            "null"
          ],
          "description": "When this daemon has written last (RFC 3339, UTC); null: not yet."
        },
        "written": {
          "type": "boolean",
          "description": "False while it cannot be written."
        },
        "problem": {
          "type": [
            "string",
            "null"
          ],
          "description": "Why not; null while it is written."
        },
        "since": {
          "type": [
            "string",
            "null"
          ],
          "description": "Since when not (RFC 3339, UTC)."
        },
        "refuses_jobs": {
          "type": "boolean",
          "description": "True while no job is accepted for that reason (LW_DAEMON_AUDIT_LOG); false also with `--audit-log-on-error continue`."
        }
      }
    },
    "PolicyStatus": {
      "type": "object",
      "required": [
        "name",
        "description",
        "file",
        "runtime",
        "digest"
      ],
      "properties": {
        "name": {
          "type": "string"
        },
        "description": {
          "type": "string"
        },
        "file": {
          "type": "string"
        },
        "runtime": {
          "type": "string"
        },
        "digest": {
          "anyOf": [
            {
              "$ref": "#/$defs/Sha256"
            },
            {
              "type": "null"
            }
          ],
          "description": "Null until it was compiled for this host."
        }
      }
    },
    "TenantStatus": {
      "type": "object",
      "required": [
        "name",
        "running",
        "queued",
        "cpu_seconds_today",
        "policy_errors",
        "quota"
      ],
      "properties": {
        "name": {
          "type": "string"
        },
        "running": {
          "type": "integer"
        },
        "queued": {
          "type": "integer"
        },
        "cpu_seconds_today": {
          "type": "number",
          "description": "Processor time of the jobs that ended on this day (UTC), seconds."
        },
        "policy_errors": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Policies that the tenant's file lists and the tenant may not use: which, and why."
        },
        "quota": {
          "type": "object",
          "description": "As the tenant's file has it; null: not limited.",
          "required": [
            "concurrent",
            "queue",
            "per_second",
            "cpu_seconds_per_day",
            "weight"
          ],
          "properties": {
            "concurrent": {
              "type": [
                "integer",
                "null"
              ]
            },
            "queue": {
              "type": [
                "integer",
                "null"
              ]
            },
            "per_second": {
              "type": [
                "integer",
                "null"
              ]
            },
            "cpu_seconds_per_day": {
              "type": [
                "integer",
                "null"
              ]
            },
            "weight": {
              "type": "integer"
            }
          }
        }
      }
    },
    "PoolStatus": {
      "type": "object",
      "required": [
        "tenant",
        "policy",
        "plan",
        "state",
        "standby",
        "max",
        "running",
        "queued"
      ],
      "properties": {
        "tenant": {
          "type": "string",
          "description": "Whose jobs these are; `local`: the operators'."
        },
        "policy": {
          "type": "string"
        },
        "plan": {
          "$ref": "#/$defs/Sha256"
        },
        "state": {
          "enum": [
            "opening",
            "ready",
            "closing"
          ]
        },
        "standby": {
          "type": "integer"
        },
        "max": {
          "type": "integer"
        },
        "running": {
          "type": "integer"
        },
        "queued": {
          "type": "integer"
        }
      }
    },
    "RequestId": {
      "type": "integer",
      "minimum": 0,
      "maximum": 9007199254740991,
      "description": "Echoed in the answer. Requests with an id may be answered in any order, those without are answered in the order sent. Two Executes that are not answered yet cannot have the same one."
    },
    "EchoedId": {
      "type": [
        "integer",
        "null"
      ],
      "description": "The request's `id`; null when it had none."
    },
    "PlaceholderValue": {
      "type": "string",
      "pattern": "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,128}$",
      "x-expects": "1 to 128 of letters, digits, '.', '_', '-', and neither '.' nor '..'"
    },
    "AbsolutePath": {
      "type": "string",
      "maxLength": 4095,
      "pattern": "^/[^\\u0000]*$",
      "x-expects": "an absolute path without NUL"
    },
    "CollectPattern": {
      "type": "string",
      "maxLength": 1024,
      "pattern": "^/[^\\u0000]*$",
      "x-expects": "an absolute path of at most 1024 characters without NUL"
    },
    "TextWithoutNul": {
      "type": "string",
      "pattern": "^[^\\u0000]*$",
      "x-expects": "text without NUL"
    },
    "TextOrBytes": {
      "anyOf": [
        {
          "type": "string"
        },
        {
          "x-msgpack": "bin"
        }
      ]
    }
  }
};
