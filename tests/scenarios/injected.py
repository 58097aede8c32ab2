"""Faults as they happen, put into real files: what the pairs of cases.json do not hold.

Each is made of two random halves of one period of real data, so that nothing but the fault lies between them. Seeded.
Used by catalogue.py. Needs pandas and pyarrow.
"""
import os

import numpy
import pandas
import pyarrow
import pyarrow.parquet

# name: (data set, columns to blame, what happened)
FAULTS = {}


def fault(data, blame, story):
    def add(function):
        FAULTS[function.__name__] = (data, blame, story, function)
        return function
    return add


@fault("flights", ["humid"], "a column is no longer delivered")
def column_dropped(table, random):
    return table.drop(columns="humid")


@fault("flights", ["distance"], "distances in kilometres, no longer miles")
def distance_in_km(table, random):
    return table.assign(distance=table.distance * 1.609344)


@fault("flights", ["temp"], "temperatures of other rows: a join without its key")
def temp_of_other_rows(table, random):
    return table.assign(temp=random.permutation(table.temp.to_numpy()))


@fault("flights", ["temp", "humid", "wind_speed", "pressure", "visib", "precip"], "the whole weather of other rows: a join that went wrong")
def weather_of_other_rows(table, random):
    weather = [name for name in ("temp", "humid", "wind_speed", "pressure", "visib", "precip") if name in table]
    order = random.permutation(len(table))
    return table.assign(**{name: table[name].to_numpy()[order] for name in weather})


@fault("flights", ["time_hour"], "no rows of ten days in a row")
def days_missing(table, random):
    days = pandas.to_datetime(table.time_hour, utc=True).dt.floor("D")
    all_days = numpy.sort(days.unique())
    first = len(all_days) // 2
    return table[~days.isin(all_days[first:first + 10])]


@fault("flights", ["time_hour"], "timestamps are written in local time, five hours behind")
def clock_in_local_time(table, random):
    return table.assign(time_hour=table.time_hour - pandas.Timedelta(hours=5))


@fault("flights", ["y_pred", "y_pred_proba", "late"], "decisions of one carrier at one airport are turned around in a third of the rows")
def one_slice_got_worse(table, random):
    turned = (table.carrier == "MQ") & (table.origin == "LGA") & (random.random(len(table)) < 0.33)
    return table.assign(y_pred=numpy.where(turned, 1 - table.y_pred, table.y_pred))


@fault("flights", ["carrier", "origin"], "half of the flights of one carrier at one airport are booked under another carrier of equal size, and as many back elsewhere")
def slice_moved(table, random):
    carrier = table.carrier.astype(str).to_numpy().copy()
    give = numpy.flatnonzero((carrier == "UA") & (table.origin == "EWR").to_numpy() & (random.random(len(table)) < 0.4))
    take = numpy.flatnonzero((carrier == "B6") & (table.origin == "JFK").to_numpy())
    size = min(len(give), len(take))
    carrier[give[:size]] = "B6"
    carrier[random.permutation(take)[:size]] = "UA"
    return table.assign(carrier=carrier)


@fault("flights", ["carrier", "origin", "dest"], "extracts of two sources, one after the other: one has most of the flights from Newark, the other most of the others")
def extracts_appended(table, random):
    # Each extract is in random order: nothing but the mix of airports shows where the second begins.
    first = random.random(len(table)) < numpy.where(table.origin == "EWR", 0.8, 0.2)
    order = random.permutation(len(table))
    return table.iloc[numpy.concatenate([order[first[order]], order[~first[order]]])]


@fault("flights", ["humid"], "a sensor gives no values for a week in the middle, and interpolation fills the others")
def a_week_of_nulls(table, random):
    humid = table.humid.to_numpy().copy()
    start = len(humid) // 2
    humid[start:start + len(humid) // 12] = numpy.nan
    return table.assign(humid=humid)


@fault("flights", ["y_pred", "origin"], "more of one airport's flights are called late, fewer of another's, as many in all")
def one_airport_called_late(table, random):
    y = table.y_pred.to_numpy().copy()
    raised = numpy.flatnonzero((table.origin == "LGA").to_numpy() & (y == 0))
    lowered = numpy.flatnonzero((table.origin == "EWR").to_numpy() & (y == 1))
    size = min(len(lowered) // 2, len(raised))
    y[random.permutation(raised)[:size]] = 1
    y[random.permutation(lowered)[:size]] = 0
    return table.assign(y_pred=y)


@fault("flights", ["dep_delay"], "a clock is ten minutes ahead: every delay ten minutes longer")
def delays_ten_minutes_more(table, random):
    return table.assign(dep_delay=table.dep_delay + 10)


@fault("flights", ["y_pred"], "a threshold in the code: late from a score of 0.4 on, no longer 0.5")
def threshold_lowered(table, random):
    return table.assign(y_pred=(table.y_pred_proba >= 0.4).astype(table.y_pred.dtype))


@fault("car_loan", ["y_pred_proba"], "scores are written with one digit")
def scores_rounded(table, random):
    return table.assign(y_pred_proba=table.y_pred_proba.round(1))


@fault("car_loan", ["repaid"], "labels of the second half of the window have not arrived, of the others one in ten is wrong")
def labels_trickle(table, random):
    repaid = table.repaid.astype(float).to_numpy().copy()
    turned = random.random(len(repaid)) < 0.1
    repaid[turned] = 1 - repaid[turned]
    repaid[len(repaid) // 2:] = numpy.nan
    return table.assign(repaid=repaid)


@fault("reviews_text", ["embedding"], "another version of the encoder: the same dimension, coordinates in another order")
def encoder_changed(table, random):
    order = random.permutation(len(table.embedding.iloc[0]))
    return table.assign(embedding=[list(numpy.asarray(vector)[order]) for vector in table.embedding])


@fault("reviews_text", ["text"], "texts are cut to 40 characters on the way")
def texts_cut(table, random):
    return table.assign(text=table.text.str.slice(0, 40))


@fault("reviews_text", ["text"], "UTF-8 that was read as Latin-1: every apostrophe is three characters")
def mojibake(table, random):
    return table.assign(text=table.text.str.replace("'", "\u2019").str.encode("utf-8").str.decode("cp1252", errors="replace"))


BASES = {"flights": ("control_a.parquet", "control_b.parquet"), "car_loan": ("control_a.parquet", "control_b.parquet"),
         "reviews_text": ("reference.parquet", "current_same.parquet")}
# Windows of real data that stand for themselves: label taken out, as before it comes.
UNLABELLED = {"unlabelled_second_half": "current_second_half.parquet", "unlabelled_first_half": "current_first_half.parquet"}


def write(table, like, path):
    """With the types of the file it was made from, where the fault is not in these."""
    schema = pyarrow.parquet.read_schema(like).remove_metadata()
    fields = [schema.field(name) for name in table.columns]
    # Whole numbers with gaps stay whole numbers.
    table = table.convert_dtypes(convert_string=False, convert_boolean=False, convert_floating=False)
    pyarrow.parquet.write_table(pyarrow.Table.from_pandas(table, schema=pyarrow.schema(fields), preserve_index=False, safe=False), path)


def pairs(folder, place):
    """Writes every fault into `place`; yields dictionaries as in cases.json, with whole paths."""
    for name, (data, blame, story, make) in FAULTS.items():
        reference, current = (os.path.join(folder, data, side) for side in BASES[data])
        table = make(pandas.read_parquet(current), numpy.random.default_rng([7, len(name)]))
        path = os.path.join(place, f"{name}.parquet")
        write(table, current, path)
        yield {"set": data, "name": f"injected {name}", "reference": reference, "current": path, "affected": blame,
               "expected": "alert", "description": story, "roles": os.path.join(folder, data, "roles.json")}
    for name, current in UNLABELLED.items():
        source = os.path.join(folder, "car_loan", current)
        path = os.path.join(place, f"{name}.parquet")
        write(pandas.read_parquet(source).drop(columns="repaid"), source, path)
        worse = "second" in name
        yield {"set": "car_loan", "name": f"injected {name}", "reference": os.path.join(folder, "car_loan", "reference.parquet"),
               "current": path, "affected": ["y_pred_proba"] if worse else [], "expected": "alert" if worse else "pass",
               "description": "before labels come", "roles": os.path.join(folder, "car_loan", "roles.json")}
