/** Short names for the documents of the API, as generated from openapi.json. Times are microseconds since 1970 UTC. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Grant = Schemas["Grant"];
export type Session = Schemas["SessionInfo"];
export type Status = Schemas["Status"];
export type Area = Schemas["Area"];
export type Camera = Schemas["Camera"];
export type PresetTour = Schemas["PresetTour"];
export type TourStop = Schemas["TourStop"];
export type CameraHealth = Schemas["CameraHealth"];
export type StreamHealth = Schemas["StreamHealth"];
export type Bookmark = Schemas["Bookmark"];
export type ExportJob = Schemas["ExportJob"];
export type Layout = Schemas["Layout"];
export type Tour = Schemas["Tour"];
export type SavedSearch = Schemas["SavedSearch"];
export type BackupStatus = Schemas["BackupStatus"];
export type Hold = Schemas["Hold"];
export type ProbedCamera = Schemas["ProbedCamera"];
export type ProbedStream = Schemas["ProbedStream"];
export type Controller = Schemas["Controller"];
export type FoundController = Schemas["FoundController"];
export type Door = Schemas["Door"];
export type CredentialHolder = Schemas["CredentialHolder"];
export type AccessPoint = Schemas["AccessPoint"];
export type Point = Schemas["Point"];
export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type Token = Schemas["Token"];
export type StoredEvent = Schemas["StoredEvent"];
export type EventPage = Schemas["EventPage"];
export type EventCounts = Schemas["EventCounts"];
export type Latest = Schemas["Latest"];
export type Value = Latest["value"];
export type Dashboard = Schemas["Dashboard"];
export type Tile = Schemas["Tile"];
export type SeriesAnswer = Schemas["SeriesAnswer"];
export type PointColumns = Schemas["PointColumns"];
export type Recording = Schemas["Recording"];
export type RecordingGap = Schemas["Gap"];
export type RecordingLock = Schemas["Lock"];
export type VideoStorage = Schemas["VideoStorage"];
export type MulticastStream = Schemas["MulticastStream"];
export type MulticastStreams = Schemas["MulticastStreams"];
export type PublishAddress = Schemas["PublishAddress"];
export type RtspAddresses = Schemas["RtspAddresses"];
export type LedgerEntry = Schemas["LedgerEntry"];
export type FoundDevice = Schemas["FoundDevice"];
export type AddedDevice = Schemas["AddedDevice"];
export type FoundServer = Schemas["FoundServer"];
export type FoundServers = Schemas["FoundServers"];
export type GroupCollision = Schemas["GroupCollision"];
export type RegisteredServer = Schemas["RegisteredServer"];
export type PortView = Schemas["PortView"];
export type NamedNetwork = Schemas["Network"];
export type Finding = Schemas["Finding"];
export type ProbeReport = Schemas["ProbeReport"];
export type PortTrial = Schemas["PortTrial"];
export type PortState = Schemas["PortState"];
export type SystemInfo = Schemas["SystemInfo"];
export type WriteResult = Schemas["WriteResult"];
export type Browsed = Schemas["Browsed"];
export type Found = Schemas["Found"];
export type DoorCommand = Schemas["DoorCommandBody"]["command"];
export type DoorsCommand = Schemas["DoorsCommand"]["command"];
export type DoorsCommanded = Schemas["DoorsCommanded"];

export type ZoneNow = Schemas["ZoneNow"];
export type Occupant = Schemas["Occupant"];
export type RollCallPerson = Schemas["RollCallPerson"];

/** What every entity has, whatever its kind. */
export type Entity = Pick<Area, "id" | "name" | "description" | "area" | "tags" | "revision" | "status">;

export interface Page<T> {
  items: T[];
  total: number;
}
