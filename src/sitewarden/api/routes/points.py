"""Points: values, history, writing."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import points, samples, timeseries

POINTS: Final = [
    Route(
        "GET",
        "/points/values",
        "points.values",
        points.PointValues,
        points.LatestValues,
        "listPointValues",
        "points",
        "Latest values of points",
    ),
    Route(
        "GET",
        "/points/{id}/samples",
        "samples.raw",
        samples.RawQuery,
        samples.RawSamples,
        "getPointSamples",
        "points",
        "A point's samples with values of their own type, page by page",
        form="columns",
    ),
    Route(
        "GET",
        "/history",
        "samples.series",
        samples.SeriesQuery,
        samples.SeriesAnswer,
        "queryHistory",
        "points",
        "Several points' history in columns: samples, buckets, or fewer samples that draw the same line",
        form="columns",
    ),
    Route(
        "GET",
        "/history/export",
        "samples.export",
        samples.SamplesExport,
        bytes,
        "exportHistory",
        "points",
        "Points' history as CSV or Parquet, written while it is sent",
        form="table",
    ),
    Route(
        "POST",
        "/points/{id}/value",
        "points.write",
        points.WritePoint,
        points.WriteResult,
        "writePoint",
        "points",
        "Set a point and read it back",
        command=True,
    ),
    Route(
        "POST",
        "/devices/{id}/key",
        "devices.key",
        points.DeviceRef,
        points.DeviceKey,
        "newDeviceKey",
        "points",
        "Give a device that pushes a new key, told this once; the old one is void",
    ),
    Route(
        "GET",
        "/timeseries/query",
        "timeseries.query",
        timeseries.TimeSeriesQuery,
        timeseries.TimeSeriesResult,
        "queryTimeSeries",
        "points",
        "PromQL over points' history at one moment",
        form="columns",
    ),
    Route(
        "GET",
        "/timeseries/range",
        "timeseries.range",
        timeseries.TimeSeriesRange,
        timeseries.TimeSeriesResult,
        "queryTimeSeriesRange",
        "points",
        "PromQL over points' history in steps",
        form="columns",
    ),
]
