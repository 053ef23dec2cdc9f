// Generated from openapi.json by `npm run types`; do not edit.

export interface Field {
  name: string;
  type: "string" | "number" | "integer" | "boolean" | "enum" | "list" | "json";
  required: boolean;
  nullable?: boolean;
  secret?: boolean;
  help?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  maxLength?: number;
  enum?: readonly string[];
  default?: unknown;
}

/** The fields of what can be created, by plural. */
export const FIELDS: Record<string, readonly Field[]> = {
  "areas": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    }
  ],
  "networks": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "role",
      "type": "enum",
      "required": true,
      "enum": [
        "camera",
        "controller",
        "machine",
        "office",
        "server"
      ]
    },
    {
      "name": "cidrs",
      "type": "list",
      "required": true
    }
  ],
  "nodes": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "role",
      "type": "enum",
      "required": true,
      "enum": [
        "analytics",
        "lpr",
        "server"
      ]
    },
    {
      "name": "address",
      "type": "string",
      "required": true,
      "help": "Its IP address or name.",
      "maxLength": 253
    },
    {
      "name": "port",
      "type": "integer",
      "required": true,
      "help": "Port of its administration.",
      "minimum": 1,
      "maximum": 65535
    },
    {
      "name": "fingerprint",
      "type": "string",
      "required": false,
      "help": "SHA-256 as 3F:9A:…, 32 bytes; empty where none is known.",
      "default": ""
    },
    {
      "name": "key",
      "type": "string",
      "required": false,
      "help": "SHA-256 as 3F:9A:…, 32 bytes; empty where none is known.",
      "default": ""
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    }
  ],
  "roles": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "grants",
      "type": "json",
      "required": false,
      "default": []
    },
    {
      "name": "ptz_priority",
      "type": "integer",
      "required": false,
      "help": "Of those who want to move a camera, the one with the higher priority does.",
      "minimum": 0,
      "maximum": 100,
      "default": 50
    }
  ],
  "groups": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "roles",
      "type": "list",
      "required": false,
      "default": []
    }
  ],
  "users": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "roles",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "language",
      "type": "string",
      "required": false,
      "default": "en"
    },
    {
      "name": "password",
      "type": "string",
      "required": false,
      "nullable": true,
      "secret": true,
      "maxLength": 1024
    }
  ],
  "tokens": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "user",
      "type": "string",
      "required": true
    },
    {
      "name": "actions",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "expires",
      "type": "integer",
      "required": false,
      "nullable": true
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    }
  ],
  "special-day-groups": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "icalendar",
      "type": "string",
      "required": false,
      "maxLength": 65536,
      "default": ""
    }
  ],
  "schedules": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "icalendar",
      "type": "string",
      "required": false,
      "maxLength": 65536,
      "default": ""
    },
    {
      "name": "special_days",
      "type": "json",
      "required": false,
      "default": []
    }
  ],
  "cameras": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "driver",
      "type": "enum",
      "required": false,
      "help": "How its stream comes. rtsp: asked for at its address, by RTSP or as Motion JPEG over HTTP. rtmp: a camera or an encoder publishes it to this server by RTMP, with a stream key. libav: fetched by FFmpeg, in a child process, or played from a file of this server.",
      "enum": [
        "libav",
        "mjpeg",
        "rtmp",
        "rtsp"
      ],
      "default": "rtsp"
    },
    {
      "name": "url",
      "type": "string",
      "required": false,
      "help": "rtsp:// or rtsps:// with a path; http:// or https:// for a camera that sends Motion JPEG over HTTP, or HLS (.m3u8); rtmp:// or rtmps:// for one that serves RTMP; file: and a name for a recording in the server's folder of recordings. Empty for one that publishes.",
      "maxLength": 500,
      "default": ""
    },
    {
      "name": "repeat",
      "type": "boolean",
      "required": false,
      "help": "A recording from the server's folder begins anew when it is over. Off: it is played once.",
      "default": true
    },
    {
      "name": "sub_url",
      "type": "string",
      "required": false,
      "help": "Address of a second, smaller stream (RTSP), for the live wall. Opened only while somebody looks at it. Empty: none.",
      "maxLength": 500,
      "default": ""
    },
    {
      "name": "username",
      "type": "string",
      "required": false,
      "maxLength": 120,
      "default": ""
    },
    {
      "name": "transport",
      "type": "enum",
      "required": false,
      "help": "tcp: inside the RTSP connection. udp: to media-input ports. multicast: to the camera's own group.",
      "enum": [
        "multicast",
        "tcp",
        "udp"
      ],
      "default": "tcp"
    },
    {
      "name": "onvif",
      "type": "string",
      "required": false,
      "help": "Where its ONVIF services answer, such as http://10.1.0.5/onvif/device_service. Empty: not asked.",
      "maxLength": 500,
      "default": ""
    },
    {
      "name": "onvif_fingerprint",
      "type": "string",
      "required": false,
      "help": "SHA-256 of its certificate, where no authority signed it; https alone.",
      "default": ""
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "record",
      "type": "boolean",
      "required": false,
      "help": "Off: this camera is never recorded, not even on command.",
      "default": true
    },
    {
      "name": "record_mode",
      "type": "enum",
      "required": false,
      "help": "continuous: always. events: from before to after what `record_on` names. manual: on command only.",
      "enum": [
        "continuous",
        "events",
        "manual"
      ],
      "default": "continuous"
    },
    {
      "name": "record_schedule",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "Record only while this schedule holds; a command records at any time. None: always."
    },
    {
      "name": "record_on",
      "type": "list",
      "required": false,
      "help": "Events that start a recording, of this camera, of the doors that it shows and of their access points. Empty: motion, and every alarm.",
      "default": []
    },
    {
      "name": "pre_seconds",
      "type": "number",
      "required": false,
      "help": "Recorded from before an event, from the key frame before.",
      "minimum": 0,
      "maximum": 60,
      "default": 5
    },
    {
      "name": "post_seconds",
      "type": "number",
      "required": false,
      "help": "Recorded after the last event.",
      "minimum": 1,
      "maximum": 3600,
      "default": 15
    },
    {
      "name": "reactions",
      "type": "json",
      "required": false,
      "help": "What it does when something happens: goes to a preset, runs a tour, is recorded.",
      "default": []
    },
    {
      "name": "edge_fill",
      "type": "enum",
      "required": false,
      "help": "Gaps filled from what the camera recorded itself (ONVIF profile G). auto: by themselves, after a loss of the camera, the server or the disk. manual: when somebody asks.",
      "enum": [
        "auto",
        "manual",
        "off"
      ],
      "default": "auto"
    },
    {
      "name": "audio",
      "type": "boolean",
      "required": false,
      "help": "Record the camera's sound, and let it be heard live. Off unless you mean it; the law may forbid it.",
      "default": false
    },
    {
      "name": "loss_limit",
      "type": "number",
      "required": false,
      "help": "Packets that are missing, per cent, from which it is told; 0: never.",
      "minimum": 0,
      "maximum": 100,
      "default": 2
    },
    {
      "name": "jitter_limit",
      "type": "number",
      "required": false,
      "help": "Jitter in milliseconds from which it is told; 0: never.",
      "minimum": 0,
      "maximum": 10000,
      "default": 200
    },
    {
      "name": "frame_rate_limit",
      "type": "number",
      "required": false,
      "help": "Pictures a second; it is told when there are fewer. 0: never.",
      "minimum": 0,
      "maximum": 240,
      "default": 2
    },
    {
      "name": "bitrate_drop",
      "type": "number",
      "required": false,
      "help": "Per cent by which the bit rate falls below its median of the last hour before it is told; 0: never.",
      "minimum": 0,
      "exclusiveMaximum": 100,
      "default": 90
    },
    {
      "name": "clock_limit",
      "type": "number",
      "required": false,
      "help": "Seconds between the camera's clock and the server's from which it is told; 0: never.",
      "minimum": 0,
      "maximum": 86400,
      "default": 10
    },
    {
      "name": "retention_days",
      "type": "number",
      "required": false,
      "maximum": 3650,
      "exclusiveMinimum": 0,
      "default": 30
    },
    {
      "name": "max_gigabytes",
      "type": "number",
      "required": false,
      "help": "Recordings of this camera take so much at most, the oldest go; 0: no limit.",
      "minimum": 0,
      "maximum": 1000000,
      "default": 0
    },
    {
      "name": "priority",
      "type": "enum",
      "required": false,
      "help": "Where the disk gets full, recordings of low priority go first, then normal, then high.",
      "enum": [
        "high",
        "low",
        "normal"
      ],
      "default": "normal"
    },
    {
      "name": "volume",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "The volume of the settings that it is recorded on while that works. None: the server spreads cameras."
    },
    {
      "name": "password",
      "type": "string",
      "required": false,
      "nullable": true,
      "secret": true,
      "maxLength": 1024
    },
    {
      "name": "stream_key",
      "type": "string",
      "required": false,
      "nullable": true,
      "secret": true,
      "maxLength": 1024
    }
  ],
  "endpoints": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "driver",
      "type": "string",
      "required": true
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "config",
      "type": "json",
      "required": false,
      "default": {}
    }
  ],
  "devices": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "endpoint",
      "type": "string",
      "required": true
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "config",
      "type": "json",
      "required": false,
      "default": {}
    }
  ],
  "points": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "device",
      "type": "string",
      "required": true
    },
    {
      "name": "type",
      "type": "enum",
      "required": false,
      "enum": [
        "boolean",
        "integer",
        "number",
        "string"
      ],
      "default": "number"
    },
    {
      "name": "unit",
      "type": "string",
      "required": false,
      "maxLength": 20,
      "default": ""
    },
    {
      "name": "address",
      "type": "json",
      "required": false,
      "default": {}
    },
    {
      "name": "period",
      "type": "number",
      "required": false,
      "minimum": 0.05,
      "maximum": 86400,
      "default": 1
    },
    {
      "name": "scale",
      "type": "number",
      "required": false,
      "default": 1
    },
    {
      "name": "offset",
      "type": "number",
      "required": false,
      "default": 0
    },
    {
      "name": "deadband",
      "type": "number",
      "required": false,
      "minimum": 0,
      "default": 0
    },
    {
      "name": "keep",
      "type": "enum",
      "required": false,
      "enum": [
        "brief",
        "long",
        "usual"
      ],
      "default": "usual"
    },
    {
      "name": "writable",
      "type": "boolean",
      "required": false,
      "default": false
    },
    {
      "name": "minimum",
      "type": "number",
      "required": false,
      "nullable": true
    },
    {
      "name": "maximum",
      "type": "number",
      "required": false,
      "nullable": true
    },
    {
      "name": "decimals",
      "type": "integer",
      "required": false,
      "minimum": 0,
      "maximum": 9,
      "default": 2
    },
    {
      "name": "input",
      "type": "json",
      "required": false,
      "nullable": true
    }
  ],
  "remote-writes": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "url",
      "type": "string",
      "required": true,
      "help": "Where it takes remote write: https://mimir.example/api/v1/push, or http://127.0.0.1:9090/api/v1/write.",
      "maxLength": 500
    },
    {
      "name": "username",
      "type": "string",
      "required": false,
      "help": "For Basic. Empty: the password is a token, sent as Bearer.",
      "maxLength": 120,
      "default": ""
    },
    {
      "name": "tenant",
      "type": "string",
      "required": false,
      "help": "X-Scope-OrgID, which Mimir asks for.",
      "maxLength": 150,
      "default": ""
    },
    {
      "name": "ca",
      "type": "string",
      "required": false,
      "help": "Certificate (PEM) of who signed the database's; empty: what this system trusts.",
      "maxLength": 65536,
      "default": ""
    },
    {
      "name": "tagged",
      "type": "list",
      "required": false,
      "help": "Points with one of these tags, their own or of what they belong to; none: all points.",
      "default": []
    },
    {
      "name": "labels",
      "type": "json",
      "required": false,
      "help": "Put on every series beside its own labels: {\"site\": \"north\"}.",
      "default": {}
    },
    {
      "name": "since",
      "type": "enum",
      "required": false,
      "help": "\"now\": what is sampled from now on; \"all\": all history first, oldest first.",
      "enum": [
        "all",
        "now"
      ],
      "default": "now"
    },
    {
      "name": "shards",
      "type": "integer",
      "required": false,
      "help": "Requests under way at once. Each point's samples keep their order.",
      "minimum": 1,
      "maximum": 16,
      "default": 2
    },
    {
      "name": "password",
      "type": "string",
      "required": false,
      "nullable": true,
      "secret": true,
      "maxLength": 1024
    }
  ],
  "controllers": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "driver",
      "type": "enum",
      "required": false,
      "enum": [
        "link",
        "uhppote"
      ],
      "default": "link"
    },
    {
      "name": "config",
      "type": "json",
      "required": false,
      "default": {}
    },
    {
      "name": "mode",
      "type": "enum",
      "required": false,
      "enum": [
        "direct",
        "server"
      ],
      "default": "server"
    },
    {
      "name": "address",
      "type": "string",
      "required": false,
      "default": ""
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "matching",
      "type": "enum",
      "required": false,
      "enum": [
        "local",
        "server"
      ],
      "default": "local"
    },
    {
      "name": "away",
      "type": "enum",
      "required": false,
      "enum": [
        "decide",
        "deny"
      ],
      "default": "decide"
    },
    {
      "name": "commissioning",
      "type": "string",
      "required": false,
      "nullable": true,
      "secret": true,
      "maxLength": 1024
    }
  ],
  "authentication-profiles": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "policies",
      "type": "json",
      "required": false,
      "default": []
    },
    {
      "name": "dual_window",
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 3600,
      "default": 15
    }
  ],
  "card-formats": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "kind",
      "type": "enum",
      "required": false,
      "enum": [
        "generic",
        "h10301",
        "h10304",
        "mifare-csn-4",
        "mifare-csn-7"
      ],
      "default": "h10301"
    },
    {
      "name": "byte_order",
      "type": "enum",
      "required": false,
      "enum": [
        "as-sent",
        "reversed"
      ],
      "default": "as-sent"
    },
    {
      "name": "bits",
      "type": "integer",
      "required": false,
      "minimum": 1,
      "maximum": 256,
      "default": 26
    },
    {
      "name": "fields",
      "type": "json",
      "required": false,
      "default": []
    },
    {
      "name": "parities",
      "type": "json",
      "required": false,
      "default": []
    }
  ],
  "doors": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "controller",
      "type": "string",
      "required": true
    },
    {
      "name": "kind",
      "type": "enum",
      "required": false,
      "enum": [
        "barrier",
        "door",
        "mantrap",
        "revolving-door",
        "turnstile"
      ],
      "default": "door"
    },
    {
      "name": "output",
      "type": "integer",
      "required": false,
      "minimum": 0,
      "maximum": 255,
      "default": 0
    },
    {
      "name": "release_time",
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 3600,
      "default": 3
    },
    {
      "name": "open_time",
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 3600,
      "default": 10
    },
    {
      "name": "extended_release_time",
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 3600,
      "default": 10
    },
    {
      "name": "extended_open_time",
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 3600,
      "default": 30
    },
    {
      "name": "delay_before_relock",
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 3600,
      "default": 0
    },
    {
      "name": "pre_alarm_time",
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 3600,
      "default": 5
    },
    {
      "name": "unlock_schedule",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "exit_releases",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "camera",
      "type": "string",
      "required": false,
      "nullable": true
    }
  ],
  "access-points": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "door",
      "type": "string",
      "required": true
    },
    {
      "name": "reader",
      "type": "integer",
      "required": false,
      "minimum": 0,
      "maximum": 255,
      "default": 0
    },
    {
      "name": "area_from",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "area_to",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "authentication",
      "type": "enum",
      "required": false,
      "enum": [
        "biometric",
        "biometric-and-pin",
        "card",
        "card-and-biometric",
        "card-and-licence-plate",
        "card-and-pin",
        "card-or-biometric",
        "card-or-licence-plate",
        "card-or-pin",
        "licence-plate",
        "pin"
      ],
      "default": "card"
    },
    {
      "name": "authentication_profile",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "card_formats",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "muster",
      "type": "boolean",
      "required": false,
      "default": false
    }
  ],
  "access-profiles": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "policies",
      "type": "json",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    }
  ],
  "holder-groups": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "profiles",
      "type": "json",
      "required": false,
      "default": []
    }
  ],
  "credential-holders": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "kind",
      "type": "enum",
      "required": false,
      "enum": [
        "person",
        "visitor"
      ],
      "default": "person"
    },
    {
      "name": "host",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "company",
      "type": "string",
      "required": false,
      "maxLength": 120,
      "default": ""
    },
    {
      "name": "groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "valid_from",
      "type": "integer",
      "required": false,
      "nullable": true,
      "help": "Microseconds since 1970 UTC."
    },
    {
      "name": "valid_to",
      "type": "integer",
      "required": false,
      "nullable": true,
      "help": "Microseconds since 1970 UTC."
    },
    {
      "name": "antipassback_exempt",
      "type": "boolean",
      "required": false,
      "default": false
    },
    {
      "name": "custom",
      "type": "json",
      "required": false,
      "default": {}
    }
  ],
  "credentials": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "holder",
      "type": "string",
      "required": true
    },
    {
      "name": "card",
      "type": "string",
      "required": false,
      "maxLength": 80,
      "default": ""
    },
    {
      "name": "identifiers",
      "type": "json",
      "required": false,
      "default": []
    },
    {
      "name": "valid_from",
      "type": "integer",
      "required": false,
      "nullable": true,
      "help": "Microseconds since 1970 UTC."
    },
    {
      "name": "valid_to",
      "type": "integer",
      "required": false,
      "nullable": true,
      "help": "Microseconds since 1970 UTC."
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "disabled_reason",
      "type": "enum",
      "required": false,
      "enum": [
        "",
        "blocked",
        "damaged",
        "destroyed",
        "expired",
        "inactivity",
        "locked-out",
        "lost",
        "renewal-needed",
        "stolen"
      ],
      "default": ""
    },
    {
      "name": "extended_grant_time",
      "type": "boolean",
      "required": false,
      "default": false
    },
    {
      "name": "profiles",
      "type": "json",
      "required": false,
      "default": []
    },
    {
      "name": "pin",
      "type": "string",
      "required": false,
      "nullable": true,
      "secret": true,
      "maxLength": 1024
    },
    {
      "name": "duress_pin",
      "type": "string",
      "required": false,
      "nullable": true,
      "secret": true,
      "maxLength": 1024
    }
  ],
  "antipassback-zones": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "exempt_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "offline",
      "type": "enum",
      "required": false,
      "enum": [
        "allow",
        "deny"
      ],
      "default": "allow"
    },
    {
      "name": "areas",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "kind",
      "type": "enum",
      "required": false,
      "enum": [
        "area",
        "timed"
      ],
      "default": "area"
    },
    {
      "name": "enforcement",
      "type": "enum",
      "required": false,
      "enum": [
        "hard",
        "soft"
      ],
      "default": "hard"
    },
    {
      "name": "window",
      "type": "number",
      "required": false,
      "help": "Seconds, at most a year.",
      "minimum": 0,
      "maximum": 31622400,
      "default": 300
    },
    {
      "name": "reset_after",
      "type": "number",
      "required": false,
      "help": "Seconds, at most a year.",
      "minimum": 0,
      "maximum": 31622400,
      "default": 0
    },
    {
      "name": "reset_schedule",
      "type": "string",
      "required": false,
      "nullable": true
    }
  ],
  "occupancy-zones": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "exempt_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "offline",
      "type": "enum",
      "required": false,
      "enum": [
        "allow",
        "deny"
      ],
      "default": "allow"
    },
    {
      "name": "areas",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "limit",
      "type": "integer",
      "required": false,
      "minimum": 0,
      "maximum": 1000000,
      "default": 1
    },
    {
      "name": "enforcement",
      "type": "enum",
      "required": false,
      "enum": [
        "hard",
        "soft"
      ],
      "default": "hard"
    }
  ],
  "interlock-zones": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "exempt_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "offline",
      "type": "enum",
      "required": false,
      "enum": [
        "allow",
        "deny"
      ],
      "default": "allow"
    },
    {
      "name": "doors",
      "type": "list",
      "required": false,
      "default": []
    }
  ],
  "entrance-limit-zones": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "exempt_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "offline",
      "type": "enum",
      "required": false,
      "enum": [
        "allow",
        "deny"
      ],
      "default": "allow"
    },
    {
      "name": "access_points",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "limit",
      "type": "integer",
      "required": false,
      "minimum": 0,
      "maximum": 10000,
      "default": 0
    },
    {
      "name": "schedule",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "interval",
      "type": "number",
      "required": false,
      "help": "Seconds, at most a year.",
      "minimum": 0,
      "maximum": 31622400,
      "default": 0
    },
    {
      "name": "enforcement",
      "type": "enum",
      "required": false,
      "enum": [
        "hard",
        "soft"
      ],
      "default": "hard"
    }
  ],
  "first-person-zones": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "exempt_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "offline",
      "type": "enum",
      "required": false,
      "enum": [
        "allow",
        "deny"
      ],
      "default": "allow"
    },
    {
      "name": "doors",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "schedule",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "hold_others",
      "type": "boolean",
      "required": false,
      "default": false
    }
  ],
  "fire-zones": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "exempt_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "offline",
      "type": "enum",
      "required": false,
      "enum": [
        "allow",
        "deny"
      ],
      "default": "allow"
    },
    {
      "name": "doors",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "inputs",
      "type": "json",
      "required": false,
      "default": []
    }
  ],
  "intrusion-zones": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "enabled",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "exempt_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "offline",
      "type": "enum",
      "required": false,
      "enum": [
        "allow",
        "deny"
      ],
      "default": "allow"
    },
    {
      "name": "areas",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "arm_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "disarm_groups",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "disarm_on_entry",
      "type": "boolean",
      "required": false,
      "default": true
    },
    {
      "name": "entry_delay",
      "type": "number",
      "required": false,
      "help": "Seconds, at most a year.",
      "minimum": 0,
      "maximum": 31622400,
      "default": 30
    },
    {
      "name": "exit_delay",
      "type": "number",
      "required": false,
      "help": "Seconds, at most a year.",
      "minimum": 0,
      "maximum": 31622400,
      "default": 30
    }
  ],
  "bookmarks": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "camera",
      "type": "string",
      "required": true
    },
    {
      "name": "time",
      "type": "integer",
      "required": true,
      "help": "Microseconds since 1970 UTC.",
      "minimum": 0,
      "exclusiveMaximum": 4611686018427388000
    },
    {
      "name": "end",
      "type": "integer",
      "required": false,
      "help": "Where a span ends; 0 for a moment.",
      "minimum": 0,
      "exclusiveMaximum": 4611686018427388000,
      "default": 0
    }
  ],
  "layouts": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "form",
      "type": "enum",
      "required": false,
      "enum": [
        "1",
        "1+5",
        "1+7",
        "16",
        "2+8",
        "4",
        "9"
      ],
      "default": "4"
    },
    {
      "name": "cameras",
      "type": "json",
      "required": false,
      "help": "Of each cell, the large ones first; none leaves a cell empty.",
      "default": []
    },
    {
      "name": "owner",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "The user who alone sees it; none: it is for all."
    }
  ],
  "tours": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "steps",
      "type": "json",
      "required": true
    },
    {
      "name": "owner",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "The user who alone sees it; none: it is for all."
    }
  ],
  "saved-searches": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "types",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "entity",
      "type": "string",
      "required": false,
      "maxLength": 140,
      "default": ""
    },
    {
      "name": "within",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "An area: whatever stands in it, or in an area within it."
    },
    {
      "name": "holder",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "A person whom the event concerns."
    },
    {
      "name": "source",
      "type": "string",
      "required": false,
      "maxLength": 140,
      "default": ""
    },
    {
      "name": "severity",
      "type": "integer",
      "required": false,
      "minimum": 0,
      "maximum": 3,
      "default": 0
    },
    {
      "name": "text",
      "type": "string",
      "required": false,
      "maxLength": 200,
      "default": ""
    },
    {
      "name": "span",
      "type": "integer",
      "required": false,
      "help": "The last so many seconds; 0: the whole log.",
      "minimum": 0,
      "maximum": 3153600000,
      "default": 0
    },
    {
      "name": "owner",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "The user who alone sees it; none: it is for all."
    }
  ],
  "dashboards": [
    {
      "name": "id",
      "type": "string",
      "required": false
    },
    {
      "name": "name",
      "type": "string",
      "required": true,
      "maxLength": 120
    },
    {
      "name": "description",
      "type": "string",
      "required": false,
      "maxLength": 2000,
      "default": ""
    },
    {
      "name": "area",
      "type": "string",
      "required": false,
      "nullable": true
    },
    {
      "name": "tags",
      "type": "list",
      "required": false,
      "default": []
    },
    {
      "name": "tiles",
      "type": "json",
      "required": false,
      "default": []
    },
    {
      "name": "owner",
      "type": "string",
      "required": false,
      "nullable": true,
      "help": "The user who alone sees it; none: it is for all."
    }
  ]
};
