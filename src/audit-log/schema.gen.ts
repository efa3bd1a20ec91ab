// Generated from schemas/audit-log.schema.json by scripts/gen/audit-log.mjs. Do not edit: run `npm run gen`.

export const AUDIT_LOG = {"version":1} as const;

/** Kinds of records and the definitions that describe them. */
export const KINDS = {
  "job": "JobEvent",
  "refused": "RefusedEvent",
  "turned_away": "TurnedAwayEvent",
  "refusals": "RefusalsEvent",
  "daemon_started": "DaemonStartedEvent",
  "daemon_stopped": "DaemonStoppedEvent",
  "policies_loaded": "PoliciesLoadedEvent",
  "policies_rejected": "PoliciesRejectedEvent",
  "job_killed": "JobKilledEvent",
  "policies_changed": "PoliciesChangedEvent",
  "log_rotated": "LogRotatedEvent",
  "log_removed": "LogRemovedEvent",
  "log_gap": "LogGapEvent"
} as const;

/** How jobs end. */
export const STATUSES = ["ok","error","signaled","timed_out","oom_killed","output_limit","cpu_limit","denied","cancelled","sandbox_error","lost"] as const;

export const AUDIT_LOG_SCHEMA: { readonly $id: string; readonly [key: string]: unknown } = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:leeward:audit-log:1",
  "title": "Leeward audit log",
  "description": "One record of the audit log, version 1: a line of JSON in UTF-8.",
  "oneOf": [
    {
      "$ref": "#/$defs/JobEvent"
    },
    {
      "$ref": "#/$defs/RefusedEvent"
    },
    {
      "$ref": "#/$defs/TurnedAwayEvent"
    },
    {
      "$ref": "#/$defs/RefusalsEvent"
    },
    {
      "$ref": "#/$defs/DaemonStartedEvent"
    },
    {
      "$ref": "#/$defs/DaemonStoppedEvent"
    },
    {
      "$ref": "#/$defs/PoliciesLoadedEvent"
    },
    {
      "$ref": "#/$defs/PoliciesRejectedEvent"
    },
    {
      "$ref": "#/$defs/JobKilledEvent"
    },
    {
      "$ref": "#/$defs/PoliciesChangedEvent"
    },
    {
      "$ref": "#/$defs/LogRotatedEvent"
    },
    {
      "$ref": "#/$defs/LogRemovedEvent"
    },
    {
      "$ref": "#/$defs/LogGapEvent"
    }
  ],
  "$defs": {
    "Link": {
      "description": "What every record has beside the fields of its kind. `version`, `sequence`, `time` and `kind` stand first in a line, `previous` and `hash` last.",
      "type": "object",
      "required": [
        "version",
        "sequence",
        "time",
        "previous",
        "hash"
      ],
      "properties": {
        "version": {
          "const": 1,
          "description": "Of this format."
        },
        "sequence": {
          "type": "integer",
          "minimum": 1,
          "maximum": 9007199254740991,
          "description": "Counts the records of this log, over all files, from 1 on."
        },
        "time": {
          "$ref": "#/$defs/Time",
          "description": "When it happened, by the clock of the host."
        },
        "previous": {
          "anyOf": [
            {
              "$ref": "urn:leeward:protocol:1#/$defs/Sha256"
            },
            {
              "type": "null"
            }
          ],
          "description": "`hash` of the record before; null for the first of a log."
        },
        "hash": {
          "$ref": "urn:leeward:protocol:1#/$defs/Sha256",
          "description": "sha256 of the bytes of this line before `,\"hash\":`."
        }
      }
    },
    "JobEvent": {
      "description": "A request whose job, or what there was of it, has ended. What is not known is null.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "tenant",
        "peer",
        "job_id",
        "idempotency_key",
        "policy",
        "code",
        "mounts",
        "allow_paths",
        "status",
        "error",
        "exit_code",
        "signal",
        "duration_ms",
        "cpu_time_us",
        "memory_peak",
        "total_us",
        "output",
        "denials",
        "enforced"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "job"
        },
        "job": {
          "$ref": "urn:leeward:protocol:1#/$defs/JobName",
          "description": "The job's own name; records of older versions have none."
        },
        "tenant": {
          "type": "string",
          "description": "Whose account it was on."
        },
        "peer": {
          "$ref": "#/$defs/Peer",
          "description": "Who asked."
        },
        "job_id": {
          "anyOf": [
            {
              "$ref": "#/$defs/Name"
            },
            {
              "type": "null"
            }
          ],
          "description": "The request's `job_id`."
        },
        "idempotency_key": {
          "anyOf": [
            {
              "$ref": "#/$defs/Name"
            },
            {
              "type": "null"
            }
          ],
          "description": "The request's `idempotency_key`."
        },
        "policy": {
          "$ref": "#/$defs/Policy"
        },
        "code": {
          "$ref": "#/$defs/Code"
        },
        "mounts": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/Mount"
          },
          "description": "The request's mounts; those of the policy itself are the policy's."
        },
        "allow_paths": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Roots for mounts that an operator allowed with this request."
        },
        "status": {
          "$ref": "urn:leeward:protocol:1#/$defs/JobStatus",
          "description": "How it ended."
        },
        "error": {
          "anyOf": [
            {
              "$ref": "#/$defs/ErrorCode"
            },
            {
              "type": "null"
            }
          ],
          "description": "Code of the answer's error; null where the job came to an end of its own."
        },
        "exit_code": {
          "type": [
            "integer",
            "null"
          ]
        },
        "signal": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Number of the signal that ended it."
        },
        "duration_ms": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Release of the code to its end."
        },
        "cpu_time_us": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Of all its processes."
        },
        "memory_peak": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Bytes."
        },
        "total_us": {
          "type": [
            "integer",
            "null"
          ],
          "description": "Admission to answer, microseconds."
        },
        "output": {
          "anyOf": [
            {
              "$ref": "#/$defs/Output"
            },
            {
              "type": "null"
            }
          ],
          "description": "null: no code has started."
        },
        "denials": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/RefusedCall"
          },
          "description": "System calls that the policy refused, and limits that made calls fail."
        },
        "enforced": {
          "anyOf": [
            {
              "$ref": "urn:leeward:protocol:1#/$defs/Receipt"
            },
            {
              "type": "null"
            }
          ],
          "description": "The receipt, as the answer has it; null where no code has started."
        }
      }
    },
    "RefusedEvent": {
      "description": "A request that was refused, or for which no place was had. Nothing of it has run.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "tenant",
        "peer",
        "job_id",
        "policy",
        "mounts",
        "error"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "refused"
        },
        "job": {
          "$ref": "urn:leeward:protocol:1#/$defs/JobName",
          "description": "The name that it had while it waited; not there where it was refused before it got one."
        },
        "tenant": {
          "type": [
            "string",
            "null"
          ],
          "description": "null: the user belongs to none."
        },
        "peer": {
          "$ref": "#/$defs/Peer",
          "description": "Who asked."
        },
        "job_id": {
          "anyOf": [
            {
              "$ref": "#/$defs/Name"
            },
            {
              "type": "null"
            }
          ],
          "description": "The request's `job_id`."
        },
        "policy": {
          "anyOf": [
            {
              "$ref": "#/$defs/Name"
            },
            {
              "type": "null"
            }
          ],
          "description": "The policy that the request names."
        },
        "mounts": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/Mount"
          },
          "description": "What it wanted to mount."
        },
        "error": {
          "$ref": "#/$defs/ErrorCode"
        }
      }
    },
    "TurnedAwayEvent": {
      "description": "A client that was let in to no request: its user belongs to no tenant, or too many are connected.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "peer",
        "error"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "turned_away"
        },
        "peer": {
          "$ref": "#/$defs/Peer"
        },
        "error": {
          "$ref": "#/$defs/ErrorCode"
        }
      }
    },
    "RefusalsEvent": {
      "description": "Refusals of one user that came too fast for a record each: how many there were.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "peer",
        "error",
        "count",
        "since"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "refusals"
        },
        "peer": {
          "anyOf": [
            {
              "$ref": "#/$defs/Peer"
            },
            {
              "type": "null"
            }
          ],
          "description": "null: of all users for whom there was no room."
        },
        "error": {
          "$ref": "#/$defs/ErrorCode"
        },
        "count": {
          "type": "integer",
          "minimum": 1
        },
        "since": {
          "$ref": "#/$defs/Time",
          "description": "When the first of them came."
        }
      }
    },
    "DaemonStartedEvent": {
      "description": "A daemon goes on with this log.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "daemon",
        "settings",
        "after",
        "torn"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "daemon_started"
        },
        "daemon": {
          "description": "Who writes.",
          "type": "object",
          "required": [
            "version",
            "pid",
            "uid",
            "gid"
          ],
          "additionalProperties": false,
          "properties": {
            "version": {
              "type": "string"
            },
            "pid": {
              "type": "integer"
            },
            "uid": {
              "type": "integer"
            },
            "gid": {
              "type": "integer"
            }
          }
        },
        "settings": {
          "description": "How this log is kept.",
          "type": "object",
          "required": [
            "fsync",
            "on_error",
            "max_size",
            "keep"
          ],
          "additionalProperties": false,
          "properties": {
            "fsync": {
              "enum": [
                "never",
                "interval",
                "always"
              ]
            },
            "on_error": {
              "enum": [
                "refuse",
                "continue"
              ]
            },
            "max_size": {
              "type": "integer",
              "minimum": 0,
              "description": "Bytes of a file, after which the next one begins."
            },
            "keep": {
              "type": "integer",
              "minimum": 0,
              "description": "Files beside the one that is written."
            }
          }
        },
        "after": {
          "enum": [
            "nothing",
            "stop",
            "crash"
          ],
          "description": "What the log ended with: `nothing` of a new one; `crash`: the daemon before did not say that it stopped."
        },
        "torn": {
          "anyOf": [
            {
              "$ref": "#/$defs/Torn"
            },
            {
              "type": "null"
            }
          ],
          "description": "Part of a line that a crash left at the end; it was taken out of the log."
        }
      }
    },
    "DaemonStoppedEvent": {
      "description": "The daemon has ended in order.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "daemon_stopped"
        }
      }
    },
    "PoliciesLoadedEvent": {
      "description": "Policies and tenants that are served from now on.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "generation",
        "policies",
        "tenants",
        "errors"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "policies_loaded"
        },
        "generation": {
          "type": "integer",
          "minimum": 0,
          "description": "Number of the set of policies; it goes on after a restart of the daemon."
        },
        "policies": {
          "type": "array",
          "items": {
            "description": "A policy that can be served.",
            "type": "object",
            "required": [
              "name",
              "digest"
            ],
            "additionalProperties": false,
            "properties": {
              "name": {
                "type": "string"
              },
              "digest": {
                "anyOf": [
                  {
                    "$ref": "urn:leeward:protocol:1#/$defs/Sha256"
                  },
                  {
                    "type": "null"
                  }
                ],
                "description": "As in receipts; null where it is not compiled yet."
              }
            }
          },
          "description": "Those that can be served."
        },
        "tenants": {
          "type": "array",
          "items": {
            "type": "string"
          },
          "description": "Empty: there are no tenant files."
        },
        "errors": {
          "type": "integer",
          "minimum": 0,
          "description": "Policies that cannot be served."
        }
      }
    },
    "PoliciesRejectedEvent": {
      "description": "Policies or tenants that have changed and are not served, because of an error in them. What was served before still is.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "generation",
        "error",
        "place"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "policies_rejected"
        },
        "generation": {
          "type": "integer",
          "minimum": 0,
          "description": "The one that goes on."
        },
        "error": {
          "$ref": "#/$defs/ErrorCode"
        },
        "place": {
          "type": [
            "string",
            "null"
          ],
          "description": "`file:line:col` of the first error."
        }
      }
    },
    "JobKilledEvent": {
      "description": "Somebody ends a job. How it ended is in its own record, which follows.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "job",
        "tenant",
        "owner",
        "peer"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "job_killed"
        },
        "job": {
          "$ref": "urn:leeward:protocol:1#/$defs/JobName",
          "description": "Which one."
        },
        "tenant": {
          "type": "string",
          "description": "Whose account it is on."
        },
        "owner": {
          "$ref": "#/$defs/Peer",
          "description": "Who has sent the job."
        },
        "peer": {
          "$ref": "#/$defs/Peer",
          "description": "Who ends it."
        }
      }
    },
    "PoliciesChangedEvent": {
      "description": "Somebody has asked for other policies to serve. What serves since is in the record of the kind `policies_loaded`.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "peer",
        "act",
        "base",
        "generation",
        "running",
        "message",
        "error"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "policies_changed"
        },
        "peer": {
          "$ref": "#/$defs/Peer",
          "description": "Who has asked."
        },
        "act": {
          "enum": [
            "apply",
            "rollback",
            "pin",
            "unpin"
          ]
        },
        "base": {
          "type": "integer",
          "minimum": 0,
          "description": "The generation that served."
        },
        "generation": {
          "type": [
            "integer",
            "null"
          ],
          "minimum": 0,
          "description": "The one that serves since; null: the same as before."
        },
        "running": {
          "enum": [
            "finish",
            "deadline",
            "kill",
            null
          ],
          "description": "What was asked for jobs under policies that are others now; null: nothing."
        },
        "message": {
          "type": [
            "string",
            "null"
          ],
          "description": "What whoever asked says of it."
        },
        "error": {
          "anyOf": [
            {
              "$ref": "#/$defs/ErrorCode"
            },
            {
              "type": "null"
            }
          ],
          "description": "Why it was refused."
        }
      }
    },
    "LogRotatedEvent": {
      "description": "First record of a file that follows a full one.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "file"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "log_rotated"
        },
        "file": {
          "$ref": "#/$defs/FileName",
          "description": "Name of the full one from now on."
        }
      }
    },
    "LogRemovedEvent": {
      "description": "The oldest files are removed: the log begins after them.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "files",
        "through",
        "through_hash"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "log_removed"
        },
        "files": {
          "type": "array",
          "minItems": 1,
          "items": {
            "$ref": "#/$defs/FileName"
          }
        },
        "through": {
          "type": "integer",
          "minimum": 1,
          "description": "`sequence` of the last record that is removed."
        },
        "through_hash": {
          "$ref": "urn:leeward:protocol:1#/$defs/Sha256",
          "description": "And its `hash`."
        }
      }
    },
    "LogGapEvent": {
      "description": "Records that could not be written and did not fit memory: they are lost.",
      "type": "object",
      "allOf": [
        {
          "$ref": "#/$defs/Link"
        }
      ],
      "required": [
        "kind",
        "lost",
        "since"
      ],
      "unevaluatedProperties": false,
      "properties": {
        "kind": {
          "const": "log_gap"
        },
        "lost": {
          "type": "integer",
          "minimum": 1
        },
        "since": {
          "$ref": "#/$defs/Time",
          "description": "When the first of them came."
        }
      }
    },
    "Time": {
      "type": "string",
      "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
      "description": "RFC 3339, UTC, milliseconds."
    },
    "Name": {
      "type": "string",
      "pattern": "^[A-Za-z0-9._:-]{1,128}$",
      "description": "A name that a client chose, as requests may have it: 1 to 128 of letters, digits, `.`, `_`, `:`, `-`."
    },
    "ErrorCode": {
      "type": "string",
      "pattern": "^LW_[A-Z0-9_]{1,64}$",
      "description": "A code of the error reference. Messages can hold what a request said, and are not recorded."
    },
    "FileName": {
      "type": "string",
      "pattern": "^audit-\\d{16}\\.ndjson$",
      "description": "A full file, by the `sequence` of its first record."
    },
    "Peer": {
      "description": "A user by the kernel's word (SO_PEERCRED).",
      "type": "object",
      "required": [
        "uid",
        "gid"
      ],
      "additionalProperties": false,
      "properties": {
        "uid": {
          "type": "integer",
          "minimum": 0,
          "description": "User id."
        },
        "gid": {
          "type": "integer",
          "minimum": 0,
          "description": "Primary group id."
        }
      }
    },
    "Policy": {
      "description": "What it ran under. Generation and digest are null where no code has started.",
      "type": "object",
      "required": [
        "name",
        "generation",
        "digest"
      ],
      "additionalProperties": false,
      "properties": {
        "name": {
          "type": "string"
        },
        "generation": {
          "type": [
            "integer",
            "null"
          ]
        },
        "digest": {
          "anyOf": [
            {
              "$ref": "urn:leeward:protocol:1#/$defs/Sha256"
            },
            {
              "type": "null"
            }
          ]
        }
      }
    },
    "Code": {
      "description": "The code, by what tells whether two are the same: it is not recorded itself.",
      "type": "object",
      "required": [
        "digest",
        "bytes"
      ],
      "additionalProperties": false,
      "properties": {
        "digest": {
          "$ref": "urn:leeward:protocol:1#/$defs/Sha256",
          "description": "Of its bytes in UTF-8."
        },
        "bytes": {
          "type": "integer",
          "minimum": 0
        }
      }
    },
    "Mount": {
      "description": "A mount of a request. A path says where data lie, and is no data.",
      "type": "object",
      "required": [
        "host",
        "sandbox",
        "read_only"
      ],
      "additionalProperties": false,
      "properties": {
        "host": {
          "type": "string"
        },
        "sandbox": {
          "type": "string"
        },
        "read_only": {
          "type": "boolean"
        }
      }
    },
    "Output": {
      "description": "How much came of a job, not what.",
      "type": "object",
      "required": [
        "stdout",
        "stderr",
        "truncated",
        "files"
      ],
      "additionalProperties": false,
      "properties": {
        "stdout": {
          "type": "integer",
          "minimum": 0,
          "description": "Bytes, streamed or in the answer."
        },
        "stderr": {
          "type": "integer",
          "minimum": 0,
          "description": "Bytes, streamed or in the answer."
        },
        "truncated": {
          "type": "boolean",
          "description": "There was more of one of them."
        },
        "files": {
          "type": "integer",
          "minimum": 0,
          "description": "Files that were collected."
        }
      }
    },
    "RefusedCall": {
      "description": "As in the answer, without arguments: they can be the job's data.",
      "type": "object",
      "required": [
        "syscall",
        "nr",
        "count",
        "errno",
        "rule"
      ],
      "additionalProperties": false,
      "properties": {
        "syscall": {
          "type": [
            "string",
            "null"
          ]
        },
        "nr": {
          "type": [
            "integer",
            "null"
          ]
        },
        "limit": {
          "const": "pids",
          "description": "Only where it was a limit."
        },
        "count": {
          "type": "integer",
          "minimum": 0
        },
        "errno": {
          "type": [
            "string",
            "null"
          ]
        },
        "rule": {
          "type": [
            "string",
            "null"
          ],
          "description": "`file:line:col` of the rule; null: no rule speaks of it."
        }
      }
    },
    "Torn": {
      "description": "Bytes that are no whole record.",
      "type": "object",
      "required": [
        "file",
        "bytes",
        "digest"
      ],
      "additionalProperties": false,
      "properties": {
        "file": {
          "type": "string",
          "description": "Where they are kept, in the folder of the log."
        },
        "bytes": {
          "type": "integer",
          "minimum": 1
        },
        "digest": {
          "$ref": "urn:leeward:protocol:1#/$defs/Sha256"
        }
      }
    }
  }
};
