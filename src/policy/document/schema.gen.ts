// Generated from schemas/{policy,runtime,tenant,profile}.schema.json by scripts/gen/policy-types.mjs. Do not edit: run `npm run gen`.

export const POLICY_SCHEMA: { readonly $id: string; readonly [key: string]: unknown } = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://leeward.dev/schemas/policy.schema.json",
  "title": "PolicyDocument",
  "description": "What one kind of sandbox may do. Everything that is not said here, or in a policy that it extends, is forbidden.",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "version",
    "kind",
    "name"
  ],
  "properties": {
    "version": {
      "const": 1,
      "description": "Version of the policy language."
    },
    "kind": {
      "const": "Policy",
      "description": "The kind of file."
    },
    "name": {
      "$ref": "#/$defs/name",
      "description": "Name of the policy, the same as the file's without `.yaml`."
    },
    "description": {
      "type": "string",
      "maxLength": 1000,
      "description": "One sentence for people."
    },
    "abstract": {
      "type": "boolean",
      "description": "`true`: only to be extended, never run. It need not be complete."
    },
    "extends": {
      "type": "array",
      "items": {
        "$ref": "#/$defs/reference"
      },
      "maxItems": 16,
      "uniqueItems": true,
      "description": "Policies that this one adds to: `builtin:python@1`, or the name of another file. Every policy extends `builtin:base@1` in the end."
    },
    "groups": {
      "type": "object",
      "propertyNames": {
        "pattern": "^@[a-z0-9-]+/[a-z0-9-]+$",
        "x-expects": "a group name with a prefix, such as @acme/imaging"
      },
      "additionalProperties": {
        "$ref": "#/$defs/group"
      },
      "description": "Named sets of allow entries, such as `@acme/imaging`. Policies that extend this one may use them."
    },
    "runtime": {
      "$ref": "#/$defs/name",
      "description": "The runtime (`policies/runtimes/NAME.yaml`) that jobs run in."
    },
    "mode": {
      "enum": [
        "enforce",
        "audit"
      ],
      "description": "`audit` lets calls through that nothing allows, and reports each: to find out what a kind of job needs, not for code that nobody trusts. Rules, Landlock, mounts and limits hold as ever. A daemon serves it only with `--allow-audit`."
    },
    "reuse": {
      "description": "`never` (the default): a fresh process for every job. `{times: N}`: a process runs up to N jobs of one peer, each with its own mounts, pipes, limits and variables; what else a job leaves in the interpreter and in /tmp the next one finds.",
      "oneOf": [
        {
          "const": "never",
          "type": "string"
        },
        {
          "$ref": "#/$defs/reuseTimes"
        }
      ]
    },
    "syscalls": {
      "$ref": "#/$defs/syscalls"
    },
    "denials": {
      "$ref": "#/$defs/denials"
    },
    "landlock": {
      "$ref": "#/$defs/landlock"
    },
    "mounts": {
      "type": "array",
      "maxItems": 128,
      "items": {
        "$ref": "#/$defs/mount"
      },
      "description": "What the sandbox's file tree is made of, in order. A mount replaces an inherited one with the same target."
    },
    "requestMounts": {
      "$ref": "#/$defs/requestMounts"
    },
    "devices": {
      "type": "array",
      "uniqueItems": true,
      "items": {
        "enum": [
          "null",
          "zero",
          "full",
          "random",
          "urandom"
        ]
      },
      "description": "Files of `/dev`. Each gets the Landlock rights that it needs: read, and write for `null`, `zero` and `full`."
    },
    "proc": {
      "enum": [
        "private",
        "none"
      ],
      "description": "`private`: the sandbox's own /proc with `subset=pid`, so that nothing of the host is in it."
    },
    "namespaces": {
      "type": "array",
      "uniqueItems": true,
      "items": {
        "enum": [
          "user",
          "pid",
          "mount",
          "network",
          "ipc",
          "uts",
          "cgroup"
        ]
      },
      "description": "Namespaces of its own that a job has. `user`, `pid`, `mount` and `network` cannot be left out."
    },
    "identity": {
      "$ref": "#/$defs/identity"
    },
    "hostname": {
      "type": "string",
      "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
      "x-expects": "lower-case letters, digits and hyphens, at most 63",
      "description": "Host name inside."
    },
    "root": {
      "$ref": "#/$defs/root"
    },
    "workingDirectory": {
      "$ref": "#/$defs/path",
      "description": "Current directory of the job."
    },
    "limits": {
      "$ref": "#/$defs/limits"
    },
    "network": {
      "description": "`none`: no network but an empty loopback. Other kinds are not supported yet.",
      "oneOf": [
        {
          "type": "string"
        },
        {
          "$ref": "#/$defs/networkKind"
        }
      ]
    },
    "environment": {
      "type": "object",
      "propertyNames": {
        "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,127}$",
        "x-expects": "letters, digits and underscores"
      },
      "additionalProperties": {
        "type": "string",
        "maxLength": 4096
      },
      "description": "The job's whole environment: nothing is inherited from the daemon. It holds in the zygote too. Values are text: quote numbers."
    },
    "requestEnvironment": {
      "type": "array",
      "uniqueItems": true,
      "items": {
        "type": "string",
        "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,127}\\*?$",
        "x-expects": "letters, digits and underscores, perhaps with `*` at the end"
      },
      "description": "Names that a request may set; a trailing `*` stands for the rest of the name."
    },
    "tests": {
      "type": "array",
      "maxItems": 4096,
      "items": {
        "$ref": "#/$defs/test"
      },
      "description": "Expectations that are kept with the policy: system calls are simulated, Python snippets run in a real sandbox."
    }
  },
  "$defs": {
    "name": {
      "type": "string",
      "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
      "x-expects": "lower-case letters, digits and hyphens, at most 63"
    },
    "reference": {
      "type": "string",
      "pattern": "^(builtin:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?@[0-9]+|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$",
      "x-expects": "the name of a policy, or builtin:NAME@VERSION"
    },
    "path": {
      "type": "string",
      "format": "absolute-path",
      "maxLength": 4095,
      "x-expects": "an absolute path without `.`, `..`, `//` or a slash at its end"
    },
    "size": {
      "description": "Bytes: an integer with B, KiB, MiB, GiB or TiB, or 0.",
      "type": [
        "string",
        "integer"
      ],
      "format": "size",
      "minimum": 0,
      "maximum": 0,
      "x-expects": "an integer with B, KiB, MiB, GiB or TiB"
    },
    "duration": {
      "description": "A number with ms, s, m or h.",
      "type": "string",
      "format": "duration",
      "x-expects": "an integer with ms, s, m or h"
    },
    "octal": {
      "type": "string",
      "pattern": "^[01][0-7]{3}$",
      "x-expects": "four octal digits in quotes, such as \"0700\"",
      "description": "Four octal digits, quoted: \"0700\"."
    },
    "permissions": {
      "type": "string",
      "pattern": "^0[0-7]{3}$",
      "x-expects": "four octal digits in quotes, such as \"0700\"",
      "description": "Four octal digits, quoted: \"0700\"."
    },
    "errnoName": {
      "type": "string",
      "pattern": "^E[A-Z0-9]+$",
      "x-expects": "the name of an errno, such as EACCES"
    },
    "word": {
      "description": "An integer, a constant of the kernel headers, or constants joined with `|`.",
      "type": [
        "string",
        "integer"
      ],
      "format": "word",
      "maxLength": 1024,
      "x-expects": "an integer, a constant, or constants joined with `|`"
    },
    "condition": {
      "title": "Condition",
      "description": "A condition on one argument: a value, or one of the forms below.",
      "oneOf": [
        {
          "$ref": "#/$defs/word"
        },
        {
          "$ref": "#/$defs/conditionOneOf"
        },
        {
          "$ref": "#/$defs/conditionNoneOf"
        },
        {
          "$ref": "#/$defs/conditionMask"
        },
        {
          "$ref": "#/$defs/conditionRange"
        }
      ]
    },
    "conditionOneOf": {
      "title": "ConditionOneOf",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "oneOf"
      ],
      "properties": {
        "oneOf": {
          "type": "array",
          "minItems": 1,
          "maxItems": 256,
          "items": {
            "$ref": "#/$defs/word"
          },
          "description": "The argument equals one of these."
        }
      }
    },
    "conditionNoneOf": {
      "title": "ConditionNoneOf",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "noneOf"
      ],
      "properties": {
        "noneOf": {
          "type": "array",
          "minItems": 1,
          "maxItems": 256,
          "items": {
            "$ref": "#/$defs/word"
          },
          "description": "None of these bits is set, for an argument that is a bit mask (flags, mode); the argument equals none of these, for any other."
        }
      }
    },
    "conditionMask": {
      "title": "ConditionMask",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "mask",
        "equals"
      ],
      "properties": {
        "mask": {
          "$ref": "#/$defs/word",
          "description": "The bits that are looked at."
        },
        "equals": {
          "$ref": "#/$defs/word",
          "description": "What these bits must be."
        }
      }
    },
    "conditionRange": {
      "title": "ConditionRange",
      "type": "object",
      "additionalProperties": false,
      "minProperties": 1,
      "properties": {
        "min": {
          "$ref": "#/$defs/word",
          "description": "The smallest value, unsigned."
        },
        "max": {
          "$ref": "#/$defs/word",
          "description": "The largest value, unsigned."
        }
      }
    },
    "conditions": {
      "title": "Conditions",
      "description": "Conditions by argument name; all must hold.",
      "type": "object",
      "minProperties": 1,
      "maxProperties": 6,
      "additionalProperties": {
        "$ref": "#/$defs/condition"
      }
    },
    "syscallName": {
      "type": "string",
      "pattern": "^[a-z_][a-z0-9_]{0,63}$",
      "x-expects": "the name of a system call"
    },
    "allowName": {
      "title": "AllowName",
      "description": "Name of a system call, or of a group: `\"@leeward/threads\"`, `\"@io-event\"` (systemd's).",
      "type": "string",
      "pattern": "^(@[a-z0-9-]+(/[a-z0-9-]+)?|[a-z_][a-z0-9_]{0,63})$",
      "x-expects": "the name of a system call or of a group"
    },
    "allowCall": {
      "title": "AllowCall",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "syscall"
      ],
      "properties": {
        "syscall": {
          "$ref": "#/$defs/syscallName"
        },
        "args": {
          "$ref": "#/$defs/conditions"
        },
        "report": {
          "enum": [
            "daemon"
          ],
          "description": "The supervisor sees the call and lets it go on. `builtin:base` alone may say so."
        }
      }
    },
    "allowEntry": {
      "title": "AllowEntry",
      "oneOf": [
        {
          "$ref": "#/$defs/allowName"
        },
        {
          "$ref": "#/$defs/allowCall"
        }
      ]
    },
    "group": {
      "title": "Group",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "allow"
      ],
      "properties": {
        "description": {
          "type": "string",
          "maxLength": 1000
        },
        "allow": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/allowEntry"
          },
          "maxItems": 1024
        }
      }
    },
    "syscalls": {
      "title": "Syscalls",
      "description": "Which system calls a job may make.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "default": {
          "$ref": "#/$defs/defaultAction"
        },
        "allow": {
          "type": "array",
          "maxItems": 1024,
          "items": {
            "$ref": "#/$defs/allowEntry"
          },
          "description": "What is allowed, together with what the extended policies allow. Entries of one call are alternatives; the conditions of one entry must all hold."
        },
        "restrict": {
          "type": "object",
          "propertyNames": {
            "pattern": "^[a-z_][a-z0-9_]{0,63}$",
            "x-expects": "the name of a system call"
          },
          "additionalProperties": {
            "$ref": "#/$defs/conditions"
          },
          "description": "Conditions that every allow entry of the call must meet too: the only way to narrow what a group or an extended policy allows."
        },
        "remove": {
          "type": "array",
          "maxItems": 1024,
          "items": {
            "$ref": "#/$defs/allowName"
          },
          "description": "Calls or groups that are not allowed after all. Applied last; removing what is not there is an error."
        },
        "rules": {
          "type": "array",
          "maxItems": 256,
          "items": {
            "$ref": "#/$defs/rule"
          },
          "description": "Calls that get another answer than the default. Rules are decided before the allow entries."
        }
      }
    },
    "defaultAction": {
      "title": "DefaultAction",
      "description": "The answer to a known call that is not allowed. Numbers that the tables do not know are always ENOSYS.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "action"
      ],
      "properties": {
        "action": {
          "enum": [
            "errno",
            "kill_process"
          ]
        },
        "errno": {
          "$ref": "#/$defs/errnoName"
        },
        "report": {
          "enum": [
            "none",
            "daemon"
          ],
          "description": "`daemon`: the supervisor records each denial and answers it."
        }
      }
    },
    "rule": {
      "title": "Rule",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "names",
        "action"
      ],
      "properties": {
        "names": {
          "type": "array",
          "minItems": 1,
          "maxItems": 512,
          "uniqueItems": true,
          "items": {
            "$ref": "#/$defs/syscallName"
          }
        },
        "args": {
          "$ref": "#/$defs/conditions",
          "description": "The rule holds only for calls that meet these."
        },
        "action": {
          "enum": [
            "errno",
            "kill_process"
          ]
        },
        "errno": {
          "$ref": "#/$defs/errnoName"
        },
        "report": {
          "enum": [
            "none",
            "daemon"
          ],
          "description": "As for the default, whose value holds when this is missing. A `kill_process` rule without `args` that is reported is carried out by the supervisor, which names the call and kills the whole job; `none`, and a rule with `args`, leave it to the kernel, which kills the calling process at once and tells nobody the number."
        }
      }
    },
    "denials": {
      "title": "Denials",
      "description": "How many reported denials a job may cause before the answers are delayed.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "burst",
        "perSecond"
      ],
      "properties": {
        "burst": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000
        },
        "perSecond": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000
        }
      }
    },
    "landlock": {
      "title": "Landlock",
      "description": "Rights on files, enforced by Landlock on top of what the mounts make visible.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "abi": {
          "type": "integer",
          "minimum": 0,
          "maximum": 64,
          "description": "The newest Landlock ABI that the policy makes use of. All rights of it are handled."
        },
        "minimumAbi": {
          "type": "integer",
          "minimum": 0,
          "maximum": 64,
          "description": "The oldest ABI that the policy accepts."
        },
        "read": {
          "$ref": "#/$defs/paths",
          "description": "READ_FILE and READ_DIR beneath these paths."
        },
        "write": {
          "$ref": "#/$defs/paths",
          "description": "Reading, writing, making and removing files, directories and (not on job mounts) symbolic links beneath these paths."
        },
        "execute": {
          "$ref": "#/$defs/paths",
          "description": "EXECUTE and READ_FILE beneath these paths."
        },
        "pathBeneath": {
          "type": "array",
          "maxItems": 256,
          "items": {
            "$ref": "#/$defs/pathBeneath"
          },
          "description": "Exact rights, in Landlock's own words."
        },
        "scoped": {
          "type": "array",
          "uniqueItems": true,
          "items": {
            "enum": [
              "signal",
              "abstract_unix_socket"
            ]
          },
          "description": "What does not reach beyond the sandbox."
        },
        "remove": {
          "$ref": "#/$defs/paths",
          "description": "Inherited paths that are taken out again, exactly as they were written."
        }
      }
    },
    "paths": {
      "type": "array",
      "maxItems": 256,
      "items": {
        "$ref": "#/$defs/path"
      }
    },
    "pathBeneath": {
      "title": "PathBeneath",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "allowedAccess",
        "parent"
      ],
      "properties": {
        "allowedAccess": {
          "type": "array",
          "minItems": 1,
          "uniqueItems": true,
          "items": {
            "enum": [
              "execute",
              "write_file",
              "read_file",
              "read_dir",
              "remove_dir",
              "remove_file",
              "make_dir",
              "make_reg",
              "make_sock",
              "make_fifo",
              "make_sym",
              "refer",
              "truncate",
              "ioctl_dev",
              "resolve_unix"
            ]
          }
        },
        "parent": {
          "$ref": "#/$defs/paths"
        }
      }
    },
    "mount": {
      "title": "Mount",
      "oneOf": [
        {
          "$ref": "#/$defs/bindMount"
        },
        {
          "$ref": "#/$defs/runtimeMount"
        },
        {
          "$ref": "#/$defs/workerMount"
        },
        {
          "$ref": "#/$defs/tmpfsMount"
        },
        {
          "$ref": "#/$defs/symlinkMount"
        }
      ]
    },
    "bindMount": {
      "title": "BindMount",
      "description": "A directory or file of the host. With a placeholder in `source` (`${job.id}`, `${tenant}`, `${params.NAME}`) it is mounted when the request is known.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "source",
        "target"
      ],
      "properties": {
        "source": {
          "type": "string",
          "format": "path-template",
          "maxLength": 4095,
          "x-expects": "an absolute path without `.` or `..`, perhaps with placeholders"
        },
        "target": {
          "$ref": "#/$defs/path"
        },
        "readOnly": {
          "type": "boolean",
          "description": "Default: false."
        },
        "noexec": {
          "type": "boolean",
          "description": "Default: true for job mounts, false for others."
        },
        "submounts": {
          "type": "boolean",
          "description": "`true`: what is mounted beneath the source comes along. Default: false, which refuses a source with mounts beneath."
        },
        "optional": {
          "type": "boolean",
          "description": "Left out when the source does not exist or a placeholder has no value. Default: false, which refuses."
        },
        "create": {
          "$ref": "#/$defs/createSource"
        }
      }
    },
    "createSource": {
      "title": "CreateSource",
      "description": "Makes a missing source directory of a job mount, as the requesting peer.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "mode"
      ],
      "properties": {
        "mode": {
          "$ref": "#/$defs/permissions"
        }
      }
    },
    "runtimeMount": {
      "title": "RuntimeMount",
      "description": "Where the policy admits the files of its runtime, read-only.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "runtime",
        "target"
      ],
      "properties": {
        "runtime": {
          "const": true
        },
        "target": {
          "$ref": "#/$defs/path"
        }
      }
    },
    "workerMount": {
      "title": "WorkerMount",
      "description": "Where Leeward's own library and zygote lie, read-only.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "worker",
        "target"
      ],
      "properties": {
        "worker": {
          "const": true
        },
        "target": {
          "$ref": "#/$defs/path"
        }
      }
    },
    "tmpfsMount": {
      "title": "TmpfsMount",
      "description": "An empty directory in memory, fresh for every job and counted in its memory.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "tmpfs",
        "size",
        "inodes"
      ],
      "properties": {
        "tmpfs": {
          "$ref": "#/$defs/path"
        },
        "size": {
          "$ref": "#/$defs/size"
        },
        "inodes": {
          "type": "integer",
          "minimum": 1,
          "maximum": 4294967295
        },
        "mode": {
          "$ref": "#/$defs/octal",
          "description": "Default: \"1777\", because the job is not the owner."
        },
        "noexec": {
          "type": "boolean",
          "description": "Default: true."
        }
      }
    },
    "symlinkMount": {
      "title": "SymlinkMount",
      "description": "A symbolic link in the sandbox's root.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "symlink",
        "target"
      ],
      "properties": {
        "symlink": {
          "type": "string",
          "minLength": 1,
          "maxLength": 4095,
          "format": "path-text",
          "x-expects": "a path",
          "description": "What the link says."
        },
        "target": {
          "$ref": "#/$defs/path",
          "description": "Where the link lies."
        }
      }
    },
    "requestMounts": {
      "title": "RequestMounts",
      "description": "What a request may mount by itself.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "allowedPaths": {
          "type": "array",
          "maxItems": 64,
          "uniqueItems": true,
          "items": {
            "type": "string",
            "format": "path-template",
            "maxLength": 4095,
            "x-expects": "an absolute path without `.` or `..`, perhaps with placeholders"
          },
          "description": "Host directories beneath which a request may name sources; placeholders as in mounts."
        },
        "remove": {
          "type": "array",
          "maxItems": 64,
          "items": {
            "type": "string",
            "maxLength": 4095
          },
          "description": "Inherited `allowedPaths` that are taken out again, exactly as they were written."
        },
        "parents": {
          "title": "MountParents",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "readOnly",
            "writable"
          ],
          "properties": {
            "readOnly": {
              "$ref": "#/$defs/path"
            },
            "writable": {
              "$ref": "#/$defs/path"
            }
          },
          "description": "Directories inside the sandbox beneath which job mounts are really attached; they carry the Landlock rights."
        },
        "parentTmpfs": {
          "title": "ParentTmpfs",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "size",
            "inodes",
            "mode"
          ],
          "properties": {
            "size": {
              "$ref": "#/$defs/size"
            },
            "inodes": {
              "type": "integer",
              "minimum": 18,
              "maximum": 65536,
              "description": "One for each mount point of a request, and the directory's own."
            },
            "mode": {
              "$ref": "#/$defs/permissions",
              "description": "Of the directory. The job does not own it."
            }
          },
          "description": "The file system of each parent: it holds mount points and nothing else."
        },
        "deadline": {
          "$ref": "#/$defs/duration",
          "description": "For opening the sources of a request, and again for attaching them; at most 1h. A job that waits longer for the host's file systems ends as `sandbox_error`."
        },
        "fileSystems": {
          "type": "array",
          "uniqueItems": true,
          "items": {
            "type": "string",
            "pattern": "^[a-z0-9_]+$",
            "x-expects": "the name of a file system"
          },
          "description": "File systems that a source may lie on. With `fuse` or `nfs` a job can be made to wait by whoever serves the files."
        }
      }
    },
    "identity": {
      "title": "Identity",
      "description": "Who the job is.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "uid": {
          "type": "integer",
          "minimum": 0,
          "maximum": 65533,
          "description": "User id inside; it has no capability."
        },
        "gid": {
          "type": "integer",
          "minimum": 0,
          "maximum": 65533
        },
        "umask": {
          "$ref": "#/$defs/permissions"
        },
        "withoutIdMap": {
          "enum": [
            "refuse",
            "runAsPeer"
          ],
          "description": "What happens to a request mount on a file system that cannot be id-mapped."
        }
      }
    },
    "root": {
      "title": "Root",
      "description": "The tmpfs that holds the mount points; it is read-only for the job.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "size",
        "inodes"
      ],
      "properties": {
        "size": {
          "$ref": "#/$defs/size"
        },
        "inodes": {
          "type": "integer",
          "minimum": 16,
          "maximum": 4294967295
        }
      }
    },
    "requestSize": {
      "title": "RequestSize",
      "description": "A size, or what a request gets and the most that it may ask for.",
      "oneOf": [
        {
          "$ref": "#/$defs/size"
        },
        {
          "$ref": "#/$defs/sizeDefaultMax"
        }
      ]
    },
    "sizeDefaultMax": {
      "title": "SizeDefaultMax",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "default",
        "max"
      ],
      "properties": {
        "default": {
          "$ref": "#/$defs/size"
        },
        "max": {
          "$ref": "#/$defs/size"
        }
      }
    },
    "requestDuration": {
      "title": "RequestDuration",
      "description": "A duration, or what a request gets and the most that it may ask for.",
      "oneOf": [
        {
          "$ref": "#/$defs/duration"
        },
        {
          "$ref": "#/$defs/durationDefaultMax"
        }
      ]
    },
    "durationDefaultMax": {
      "title": "DurationDefaultMax",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "default",
        "max"
      ],
      "properties": {
        "default": {
          "$ref": "#/$defs/duration"
        },
        "max": {
          "$ref": "#/$defs/duration"
        }
      }
    },
    "limits": {
      "title": "Limits",
      "description": "How much a job may use. A value in a child replaces its parent's.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "memory": {
          "$ref": "#/$defs/requestSize",
          "description": "Memory of the whole job (cgroup memory.max). Owner: cgroup."
        },
        "timeout": {
          "$ref": "#/$defs/requestDuration",
          "description": "Time on the wall. Owner: the supervisor's clock."
        },
        "cpuTime": {
          "$ref": "#/$defs/duration",
          "description": "Processor time of the whole job. Owner: cgroup usage, watched by the supervisor."
        },
        "swap": {
          "$ref": "#/$defs/size",
          "description": "Swap alone (cgroup v2's memory.swap.max, not memory and swap together). Owner: cgroup."
        },
        "cpus": {
          "type": "number",
          "minimum": 0.01,
          "maximum": 1024,
          "description": "Processors, such as 1 or 0.5 (cpu.max). Owner: cgroup."
        },
        "pids": {
          "type": "integer",
          "minimum": 1,
          "maximum": 4194304,
          "description": "Processes and threads (pids.max). Owner: cgroup."
        },
        "userNamespaces": {
          "type": "integer",
          "minimum": 0,
          "maximum": 2147483647,
          "description": "User namespaces that a job may make, at a time. Owner: user.max_user_namespaces of the job's own."
        },
        "stdout": {
          "$ref": "#/$defs/size",
          "description": "Standard output; the job ends there. Owner: supervisor."
        },
        "stderr": {
          "$ref": "#/$defs/size",
          "description": "Standard error; the job ends there. Owner: supervisor."
        },
        "claims": {
          "$ref": "#/$defs/size",
          "description": "What the job says about its own exception. Owner: supervisor."
        },
        "openFiles": {
          "type": "integer",
          "minimum": 16,
          "maximum": 1048576,
          "description": "Descriptors of one process. Owner: RLIMIT_NOFILE."
        },
        "fileSize": {
          "$ref": "#/$defs/size",
          "description": "Size of one written file. Owner: RLIMIT_FSIZE."
        },
        "core": {
          "$ref": "#/$defs/size",
          "description": "Size of a core dump; 0 means none (RLIMIT_CORE 1, because with 0 a piped core handler still runs). Owner: RLIMIT_CORE."
        },
        "stack": {
          "$ref": "#/$defs/size",
          "description": "Stack of the main thread. Owner: RLIMIT_STACK."
        },
        "lockedMemory": {
          "$ref": "#/$defs/size",
          "description": "Memory that cannot be paged out. Owner: RLIMIT_MEMLOCK."
        },
        "whenUnavailable": {
          "$ref": "#/$defs/whenUnavailable"
        }
      }
    },
    "whenUnavailable": {
      "title": "WhenUnavailable",
      "description": "What happens on a host that cannot enforce a limit: the job is refused, or the receipt says so.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "service",
        "rootless"
      ],
      "properties": {
        "service": {
          "enum": [
            "refuse",
            "report"
          ],
          "description": "For a daemon that root started."
        },
        "rootless": {
          "enum": [
            "refuse",
            "report"
          ],
          "description": "For an ordinary user."
        }
      }
    },
    "reuseTimes": {
      "title": "ReuseTimes",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "times"
      ],
      "properties": {
        "times": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000,
          "description": "Jobs of a process; 1 is `never`."
        }
      }
    },
    "networkKind": {
      "title": "NetworkKind",
      "type": "object",
      "required": [
        "kind"
      ],
      "properties": {
        "kind": {
          "type": "string"
        }
      }
    },
    "test": {
      "title": "PolicyTest",
      "oneOf": [
        {
          "$ref": "#/$defs/syscallTest"
        },
        {
          "$ref": "#/$defs/pythonTest"
        }
      ]
    },
    "syscallTest": {
      "title": "SyscallTest",
      "description": "A simulated system call.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "syscall",
        "expect"
      ],
      "properties": {
        "syscall": {
          "oneOf": [
            {
              "$ref": "#/$defs/syscallName"
            },
            {
              "type": "array",
              "minItems": 1,
              "maxItems": 512,
              "uniqueItems": true,
              "items": {
                "$ref": "#/$defs/syscallName"
              }
            }
          ],
          "description": "The call, or several that all are to be answered so."
        },
        "args": {
          "type": "object",
          "maxProperties": 6,
          "additionalProperties": {
            "$ref": "#/$defs/word"
          },
          "description": "Values by argument name; the others are 0."
        },
        "expect": {
          "oneOf": [
            {
              "type": "string",
              "enum": [
                "allow",
                "kill_process"
              ]
            },
            {
              "$ref": "#/$defs/expectErrno"
            }
          ]
        }
      }
    },
    "expectErrno": {
      "title": "ExpectErrno",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "errno"
      ],
      "properties": {
        "errno": {
          "$ref": "#/$defs/errnoName"
        }
      }
    },
    "pythonTest": {
      "title": "PythonTest",
      "description": "A snippet that runs in a real sandbox.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "python",
        "expect"
      ],
      "properties": {
        "python": {
          "type": "string",
          "maxLength": 65536
        },
        "expect": {
          "oneOf": [
            {
              "type": "string",
              "enum": [
                "ok"
              ]
            },
            {
              "$ref": "#/$defs/expectError"
            }
          ]
        }
      }
    },
    "expectError": {
      "title": "ExpectError",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "error"
      ],
      "properties": {
        "error": {
          "type": "string",
          "pattern": "^[A-Za-z_][A-Za-z0-9_.]*$",
          "x-expects": "the name of an exception",
          "description": "Name of the exception."
        }
      }
    }
  }
};

export const RUNTIME_SCHEMA: { readonly $id: string; readonly [key: string]: unknown } = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://leeward.dev/schemas/runtime.schema.json",
  "title": "RuntimeDocument",
  "description": "How a sandbox is run. Nothing here allows anything: that is the policy's alone.",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "version",
    "kind",
    "name"
  ],
  "properties": {
    "version": {
      "const": 1,
      "description": "Version of the runtime language."
    },
    "kind": {
      "const": "Runtime",
      "description": "The kind of file."
    },
    "name": {
      "$ref": "#/$defs/name",
      "description": "Name of the runtime, the same as the file's without `.yaml`."
    },
    "description": {
      "type": "string",
      "maxLength": 1000,
      "description": "One sentence for people."
    },
    "interpreter": {
      "type": "string",
      "format": "absolute-path",
      "x-expects": "an absolute path without `.`, `..`, `//` or a slash at its end",
      "maxLength": 4095,
      "description": "Python on the host, which the policy's mounts must show at the same path. Default: /usr/bin/python3."
    },
    "requirements": {
      "type": "string",
      "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,126}\\.lock$",
      "x-expects": "the name of a lock file, NAME.lock",
      "description": "Lock file with hashes, in the runtime's own folder. Without it nothing needs to be built."
    },
    "preload": {
      "type": "array",
      "maxItems": 256,
      "uniqueItems": true,
      "items": {
        "$ref": "#/$defs/module"
      },
      "description": "Modules that are imported once, before any job, in this order."
    },
    "globals": {
      "type": "object",
      "maxProperties": 64,
      "propertyNames": {
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "x-expects": "a Python name"
      },
      "additionalProperties": {
        "$ref": "#/$defs/module"
      },
      "description": "Names that a job finds defined, and the modules that they stand for: {pd: pandas}."
    },
    "warmup": {
      "type": "string",
      "maxLength": 65536,
      "description": "Python that is run once after the preload: ordinary use, so that lazy imports and caches are paid before the first job."
    },
    "pool": {
      "title": "Pool",
      "description": "How many jobs wait ready, and how many may exist at a time.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "standby",
        "max"
      ],
      "properties": {
        "standby": {
          "type": "integer",
          "minimum": 0,
          "maximum": 1024
        },
        "max": {
          "type": "integer",
          "minimum": 1,
          "maximum": 4096
        }
      }
    },
    "share": {
      "enum": [
        "tenant",
        "host"
      ],
      "description": "`host`: one zygote for all tenants, whose jobs then share address layout and hash seed. Default: tenant."
    }
  },
  "$defs": {
    "name": {
      "type": "string",
      "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
      "x-expects": "lower-case letters, digits and hyphens, at most 63"
    },
    "module": {
      "type": "string",
      "pattern": "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*$",
      "x-expects": "the name of a Python module"
    }
  }
};

export const TENANT_SCHEMA: { readonly $id: string; readonly [key: string]: unknown } = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://leeward.dev/schemas/tenant.schema.json",
  "title": "TenantDocument",
  "description": "Who may use which policies, under which ceiling and quota.",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "version",
    "kind",
    "name",
    "identities",
    "policies"
  ],
  "properties": {
    "version": {
      "const": 1,
      "description": "Version of the tenant language."
    },
    "kind": {
      "const": "Tenant",
      "description": "The kind of file."
    },
    "name": {
      "$ref": "#/$defs/name",
      "description": "Name of the tenant, the same as the file's without `.yaml`; `${tenant}` in a path stands for it."
    },
    "description": {
      "type": "string",
      "maxLength": 1000,
      "description": "One sentence for people."
    },
    "identities": {
      "$ref": "#/$defs/identities"
    },
    "policies": {
      "type": "array",
      "minItems": 1,
      "maxItems": 1000,
      "uniqueItems": true,
      "items": {
        "$ref": "#/$defs/name"
      },
      "description": "Policies that the tenant may use."
    },
    "default": {
      "$ref": "#/$defs/name",
      "description": "The policy of requests that name none; one of `policies`."
    },
    "ceiling": {
      "$ref": "#/$defs/name",
      "description": "Nothing that the tenant runs may allow anything that this policy does not."
    },
    "quota": {
      "$ref": "#/$defs/quota"
    }
  },
  "$defs": {
    "name": {
      "type": "string",
      "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
      "x-expects": "lower-case letters, digits and hyphens, at most 63"
    },
    "identities": {
      "description": "Which peers of the socket belong to the tenant, by what the kernel says of them (SO_PEERCRED), never by what they say.",
      "type": "object",
      "additionalProperties": false,
      "minProperties": 1,
      "properties": {
        "uids": {
          "$ref": "#/$defs/hostIds",
          "description": "User ids."
        },
        "gids": {
          "$ref": "#/$defs/hostIds",
          "description": "Primary group ids: a user of any of these belongs to the tenant, too."
        }
      }
    },
    "quota": {
      "description": "How much of the host the tenant may use at a time and in all. What is not said is not limited for the tenant alone.",
      "type": "object",
      "additionalProperties": false,
      "minProperties": 1,
      "properties": {
        "concurrent": {
          "type": "integer",
          "minimum": 1,
          "maximum": 4096,
          "description": "Jobs that run at a time."
        },
        "queue": {
          "type": "integer",
          "minimum": 0,
          "maximum": 1000000,
          "description": "Jobs that may wait."
        },
        "perSecond": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000,
          "description": "Requests in each second."
        },
        "cpuSecondsPerDay": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000000,
          "description": "Processor time of all jobs of a day (UTC), in seconds."
        },
        "weight": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000,
          "description": "Share of the host while several tenants wait, in relation to the weight of the others. Default: 1."
        }
      }
    },
    "hostIds": {
      "type": "array",
      "minItems": 1,
      "maxItems": 1000,
      "uniqueItems": true,
      "items": {
        "type": "integer",
        "minimum": 1,
        "maximum": 4294967294
      }
    }
  }
};

export const PROFILE_SCHEMA: { readonly $id: string; readonly [key: string]: unknown } = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://leeward.dev/schemas/profile.schema.json",
  "title": "ProfileDocument",
  "description": "A seccomp profile for container runtimes: `linux.seccomp` of the OCI runtime specification (config-linux.md), with what Docker (moby/profiles) and Podman (containers/common) add to it.",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "defaultAction"
  ],
  "properties": {
    "defaultAction": {
      "$ref": "#/$defs/action"
    },
    "defaultErrnoRet": {
      "$ref": "#/$defs/errnoRet"
    },
    "defaultErrno": {
      "$ref": "#/$defs/errno"
    },
    "architectures": {
      "$ref": "#/$defs/scmpArches"
    },
    "archMap": {
      "type": [
        "array",
        "null"
      ],
      "maxItems": 64,
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": [
          "architecture"
        ],
        "properties": {
          "architecture": {
            "$ref": "#/$defs/scmpArch"
          },
          "subArchitectures": {
            "$ref": "#/$defs/scmpArches"
          }
        }
      }
    },
    "flags": {
      "type": [
        "array",
        "null"
      ],
      "maxItems": 16,
      "items": {
        "enum": [
          "SECCOMP_FILTER_FLAG_TSYNC",
          "SECCOMP_FILTER_FLAG_LOG",
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
          "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"
        ]
      }
    },
    "listenerPath": {
      "type": "string"
    },
    "listenerMetadata": {
      "type": "string"
    },
    "syscalls": {
      "type": [
        "array",
        "null"
      ],
      "maxItems": 4096,
      "items": {
        "$ref": "#/$defs/entry"
      }
    }
  },
  "$defs": {
    "entry": {
      "title": "ProfileEntry",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "action"
      ],
      "properties": {
        "names": {
          "type": [
            "array",
            "null"
          ],
          "maxItems": 1024,
          "items": {
            "$ref": "#/$defs/identifier"
          }
        },
        "name": {
          "$ref": "#/$defs/identifier"
        },
        "action": {
          "$ref": "#/$defs/action"
        },
        "errnoRet": {
          "$ref": "#/$defs/errnoRet"
        },
        "errno": {
          "$ref": "#/$defs/errno"
        },
        "args": {
          "type": [
            "array",
            "null"
          ],
          "maxItems": 64,
          "items": {
            "$ref": "#/$defs/argument"
          }
        },
        "comment": {
          "type": "string"
        },
        "includes": {
          "$ref": "#/$defs/filter"
        },
        "excludes": {
          "$ref": "#/$defs/filter"
        }
      }
    },
    "argument": {
      "title": "ProfileArgument",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "index",
        "value",
        "op"
      ],
      "properties": {
        "index": {
          "type": "integer",
          "minimum": 0,
          "maximum": 5
        },
        "value": {
          "$ref": "#/$defs/uint64"
        },
        "valueTwo": {
          "$ref": "#/$defs/uint64"
        },
        "op": {
          "enum": [
            "SCMP_CMP_NE",
            "SCMP_CMP_LT",
            "SCMP_CMP_LE",
            "SCMP_CMP_EQ",
            "SCMP_CMP_GE",
            "SCMP_CMP_GT",
            "SCMP_CMP_MASKED_EQ"
          ]
        }
      }
    },
    "filter": {
      "title": "ProfileFilter",
      "description": "Docker and Podman take an entry only where this holds, or leave it out.",
      "type": [
        "object",
        "null"
      ],
      "additionalProperties": false,
      "properties": {
        "caps": {
          "$ref": "#/$defs/identifiers"
        },
        "arches": {
          "$ref": "#/$defs/identifiers"
        },
        "minKernel": {
          "type": "string",
          "pattern": "^([0-9]{1,3}\\.[0-9]{1,3})?$",
          "x-expects": "a version such as 4.8"
        }
      }
    },
    "action": {
      "enum": [
        "SCMP_ACT_ALLOW",
        "SCMP_ACT_ERRNO",
        "SCMP_ACT_KILL",
        "SCMP_ACT_KILL_PROCESS",
        "SCMP_ACT_KILL_THREAD",
        "SCMP_ACT_TRAP",
        "SCMP_ACT_TRACE",
        "SCMP_ACT_LOG",
        "SCMP_ACT_NOTIFY"
      ]
    },
    "errnoRet": {
      "type": [
        "integer",
        "null"
      ],
      "minimum": 0,
      "maximum": 4294967295
    },
    "errno": {
      "type": "string",
      "pattern": "^([0-9]{1,5}|E[A-Z0-9]{1,31})?$",
      "x-expects": "the name or number of an errno"
    },
    "uint64": {
      "type": [
        "integer",
        "string"
      ],
      "minimum": 0,
      "format": "uint64",
      "x-expects": "an integer from 0 to 18446744073709551615"
    },
    "scmpArch": {
      "type": "string",
      "pattern": "^SCMP_ARCH_[A-Z0-9_]{1,32}$",
      "x-expects": "an architecture such as SCMP_ARCH_X86_64"
    },
    "scmpArches": {
      "type": [
        "array",
        "null"
      ],
      "maxItems": 64,
      "items": {
        "$ref": "#/$defs/scmpArch"
      }
    },
    "identifier": {
      "type": "string",
      "pattern": "^[A-Za-z0-9_]{1,64}$",
      "x-expects": "a name of letters, digits and underscores"
    },
    "identifiers": {
      "type": [
        "array",
        "null"
      ],
      "maxItems": 256,
      "items": {
        "$ref": "#/$defs/identifier"
      }
    }
  }
};
