#!/usr/bin/env python3
"""Measures declared collections, each beside PostgreSQL in the same run: records.py PROGRAMS WHAT…

    registration   records a second into an indexed collection, and COPY into an indexed table; 60 a second beside searches
    sites          9,000 sites with 1,000 changes a second: the nearest open sites, and the same with a GiST point index
    jobs           100,000 jobs and 6,000 companies: faceted searches, and GROUP BY in PostgreSQL
    push           registrations with a rule: from the request to the event in the stream of the community's desk, at rising rates
    board          500 reports a second: from the report to the changed number in the stream

Options: --records N, --format F, --seconds N, --sizes N…. PostgreSQL is Debian's, started in a folder of its own; `psycopg` is wanted for `sites` and
`jobs` (without it they measure Kuaibao alone and say so). Prints JSON.
"""
import argparse
import csv
import io
import json
import multiprocessing
import pathlib
import random
import threading
import time

from stack import Postgres, Stack, percentiles

ARRIVALS = """collection: arrivals
title: 登记
identity: registration
shows: registration
fields:
  registration: {type: keyword, required: true}
  from: {type: keyword, facet: true}
  transport: {type: keyword, facet: true}
  arrived: {type: date, sort: true}
  district: {type: keyword, facet: true}
  community: {type: keyword, facet: true}
  temperature: {type: number, sort: true}
  note: {type: text}
"""
SITES = """collection: sites
title: 采样点
identity: site
shows: name
partitions: 1
fields:
  site: {type: keyword, required: true}
  name: {type: text, required: true}
  location: {type: point, sort: true}
  open: {type: boolean, facet: true, live: true}
  status: {type: keyword, values: [空闲, 适中, 忙碌], facet: true, live: true}
  queue: {type: integer, sort: true, live: true}
"""
JOBS = """collection: jobs
title: 岗位
identity: job
shows: title
fields:
  job: {type: keyword, required: true}
  title: {type: text, required: true, highlight: true}
  company: {type: keyword, facet: true}
  industry: {type: keyword, facet: true}
  district: {type: keyword, facet: true}
  degree: {type: keyword, facet: true}
  salary: {type: integer, sort: true}
  posted: {type: date, sort: true}
"""
REPORTS = """collection: reports
title: 上报
identity: unit
shows: unit
partitions: 1
fields:
  unit: {type: keyword, required: true}
  district: {type: keyword, facet: true}
"""
DISTRICTS = ["黄浦", "徐汇", "长宁", "静安", "普陀", "虹口", "杨浦", "浦东", "闵行", "宝山", "嘉定", "金山", "松江", "青浦", "奉贤", "崇明"]


def arrival(number, dice):
    district = DISTRICTS[number % 16]
    return [f"DJ-{number:08d}", dice.choice(["湖北武汉", "浙江温州", "江苏南京", "安徽合肥"]), dice.choice(["铁路", "航空", "公路"]),
            f"2020-02-{number % 28 + 1:02d}", district, f"{district}第{number % 400}居委", f"{dice.uniform(36, 37.5):.1f}",
            "体温正常，已告知居家观察"]


ARRIVAL_COLUMNS = ["registration", "from", "transport", "arrived", "district", "community", "temperature", "note"]


class Askers:
    """Searches without pause, in processes of their own, so that they take no time from the threads that measure."""

    def __init__(self, stack, count):
        context = multiprocessing.get_context("fork")
        self.ended, self.times = context.Event(), context.Queue()
        self.processes = [context.Process(target=self.ask, args=(stack, number), daemon=True) for number in range(count)]
        for process in self.processes:
            process.start()

    def ask(self, stack, number):
        words = random.Random(number)
        connection = stack.connection()
        times = []
        while not self.ended.is_set():
            started = time.monotonic()
            stack.search("arrivals", f"district:{words.choice(DISTRICTS)} temperature>37", facets="community", limit=5, on=connection)
            times.append(time.monotonic() - started)
        self.times.put(times)

    def end(self):
        self.ended.set()
        times = [seconds for _ in self.processes for seconds in self.times.get(timeout=60)]
        for process in self.processes:
            process.join()
        return times


class Watcher(threading.Thread):
    """What the processes of a stack hold in memory at most, and how many records were searchable when."""

    def __init__(self, stack, collection, began):
        super().__init__(daemon=True)
        self.stack, self.collection, self.began = stack, collection, began
        self.memory, self.rates, self.ended = {}, [], threading.Event()

    def run(self):
        next_rate, before = 0, (self.began, 0)
        while not self.ended.wait(0.5):
            for name, bytes in self.stack.resident().items():
                self.memory[name] = max(self.memory.get(name, 0), bytes)
            if time.monotonic() < next_rate:
                continue
            next_rate = time.monotonic() + 10
            counts = self.stack.counts(self.collection)
            now = (time.monotonic(), counts["searchable"] + counts["superseded"])
            self.rates.append({"seconds": round(now[0] - self.began), "accepted": counts["accepted"], "searchable": now[1],
                               "aSecond": round((now[1] - before[1]) / (now[0] - before[0]))})
            before = now

    def end(self):
        self.ended.set()
        self.join()
        return {"residentMiB": {name: bytes >> 20 for name, bytes in sorted(self.memory.items())}, "rates": self.rates}


def body(format, rows):
    if format == "csv":
        return table(ARRIVAL_COLUMNS, rows)
    records = ({**dict(zip(ARRIVAL_COLUMNS, row)), "temperature": float(row[6])} for row in rows)
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def table(columns, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def registration(stack, options):
    stack.declare(ARRIVALS)
    dice = random.Random(1)
    # Bodies as they are sent, so that three million rows need not be in memory as lists.
    bodies = [body(options.format, [arrival(number, dice) for number in range(start, min(start + 5000, options.records))])
              for start in range(0, options.records, 5000)]
    began = time.monotonic()
    kind = "text/csv" if options.format == "csv" else "application/x-ndjson"
    threads = [threading.Thread(target=lambda part: [stack.post("arrivals", body, kind) for body in part], args=(bodies[n::2],))
               for n in range(2)]
    watcher = Watcher(stack, "arrivals", began)
    watcher.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = time.monotonic() - began
    stack.until_searchable("arrivals", options.records)
    found = time.monotonic() - began
    course = watcher.end()
    disk = sum(file.stat().st_size for file in pathlib.Path(stack.folder).rglob("*") if file.is_file())
    dice = random.Random(1)
    with Postgres() as postgres:
        postgres.run('CREATE TABLE arrivals ("registration" text PRIMARY KEY, "from" text, transport text, arrived date, district text, '
                     "community text, temperature numeric, note text); CREATE INDEX ON arrivals(community); "
                     'CREATE INDEX ON arrivals("from"); CREATE INDEX ON arrivals(arrived); CREATE INDEX ON arrivals(district); '
                     "CREATE INDEX ON arrivals(transport); CREATE INDEX ON arrivals(temperature)")
        path = pathlib.Path(postgres.folder) / "arrivals.csv"
        with path.open("wb") as file:
            file.write(table(ARRIVAL_COLUMNS, []))
            for start in range(0, options.records, 5000):
                rows = [arrival(number, dice) for number in range(start, min(start + 5000, options.records))]
                file.write(table(ARRIVAL_COLUMNS, rows).split(b"\n", 1)[1])
        began = time.monotonic()
        postgres.run(f"\\copy arrivals FROM '{path}' CSV HEADER")
        copied = time.monotonic() - began
    # Sixty a second, each by itself, over four connections, beside searches without pause.
    askers = Askers(stack, 1)
    times = []
    late = [table(ARRIVAL_COLUMNS, [arrival(options.records + number, dice)]) for number in range(60 * options.seconds)]
    start = time.monotonic()

    def register(first):
        connection = stack.connection()
        for number in range(first, len(late), 4):
            pause = start + number / 60 - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            sent = time.monotonic()
            stack.post("arrivals", late[number], "text/csv", on=connection)
            times.append(time.monotonic() - sent)

    registrars = [threading.Thread(target=register, args=(first,)) for first in range(4)]
    for thread in registrars:
        thread.start()
    for thread in registrars:
        thread.join()
    elapsed = time.monotonic() - start
    searches = askers.end()
    total = options.records + 60 * options.seconds
    stack.until_searchable("arrivals", total)
    return {
        "records": options.records, "acceptedPerSecond": round(options.records / accepted),
        "searchablePerSecond": round(options.records / found), "copyPerSecond": round(options.records / copied),
        "ratioToCopy": round(copied / found, 3), "diskBytes": disk, "course": course,
        "beside": {"askedPerSecond": 60, "takenPerSecond": round(60 * options.seconds / elapsed, 1), "post": percentiles(times),
                   "searchesPerSecond": round(len(searches) / elapsed, 1), "search": percentiles(searches)},
        "lost": total - stack.search("arrivals", "*", limit=0)["total"],
    }


def push(stack, options):
    """Each community's desk is followed with a tenant token that sees nothing else; two connections search without pause."""
    stack.declare(ARRIVALS)
    rule = {"collection": "arrivals", "q": "*", "id": "concerned", "route": "community", "dueSeconds": 60}
    stack.good("POST", "/v1/watches", json.dumps(rule).encode(), "application/json")
    communities = [f"{DISTRICTS[number % 16]}第{number}居委" for number in range(64)]
    dice = random.Random(6)
    number = 0

    def rows(count):
        nonlocal number
        made = []
        for _ in range(count):
            row = arrival(number, dice)
            row[5] = communities[number % len(communities)]
            made.append(row)
            number += 1
        return made

    # The first of each community makes its desk.
    stack.post("arrivals", table(ARRIVAL_COLUMNS, rows(len(communities))), "text/csv", wait=True)
    delivered, wrong = {}, []

    def follow(community):
        body = json.dumps({"tenant": community, "filter": f"community:{community}", "seconds": 36_000}).encode()
        token = stack.good("POST", "/v1/tokens", body, "application/json")["token"]
        connection = stack.connection()
        connection.request("GET", "/v1/watches", headers=stack.headers(key=token))
        (desk,) = json.loads(connection.getresponse().read())["watches"]
        for event in stack.events(f"/v1/watches/{desk['id']}/events", token):
            registration = event["item"]["document"]
            if communities[int(registration[3:]) % len(communities)] != community:
                wrong.append((community, registration))
            delivered.setdefault(registration, []).append(time.monotonic())

    for community in communities:
        threading.Thread(target=follow, args=(community,), daemon=True).start()
    while len(delivered) < len(communities):
        time.sleep(0.01)
    results = []
    for size in options.sizes:
        askers = Askers(stack, 2)
        sent, taken = {}, {}
        first = number
        batches = [rows(size) for _ in range(60 * options.seconds)]
        start = time.monotonic()

        def register(own):
            connection = stack.connection()
            for place in range(own, len(batches), 8):
                pause = start + place / 60 - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
                at = time.monotonic()
                stack.post("arrivals", table(ARRIVAL_COLUMNS, batches[place]), "text/csv", on=connection)
                answered = time.monotonic()
                for row in batches[place]:
                    sent[row[0]], taken[row[0]] = at, answered

        registrars = [threading.Thread(target=register, args=(own,)) for own in range(8)]
        for thread in registrars:
            thread.start()
        for thread in registrars:
            thread.join()
        elapsed = time.monotonic() - start
        behind = stack.counts("arrivals")["inFlight"]
        searches = askers.end()
        stack.until_searchable("arrivals", number)
        deadline = time.monotonic() + 60
        while any(name not in delivered for name in sent) and time.monotonic() < deadline:
            time.sleep(0.05)
        names = [name for name in sent if name in delivered]
        results.append({
            "recordsARequest": size, "asked": 60 * size, "registrationsPerSecond": round((number - first) / elapsed, 1),
            "inFlightAtTheEnd": behind, "sentToDelivered": percentiles(delivered[name][0] - sent[name] for name in names),
            "acceptedToDelivered": percentiles(max(0, delivered[name][0] - taken[name]) for name in names),
            "lost": len(sent) - len(names), "doubled": sum(len(delivered[name]) > 1 for name in names),
            "searchesPerSecond": round(len(searches) / elapsed, 1), "search": percentiles(searches)})
        print(json.dumps(results[-1]), flush=True)
    return {"desks": len(communities), "atTheWrongDesk": len(wrong), "rates": results}


def sites(stack, options):
    stack.declare(SITES)
    dice = random.Random(3)
    points = [(dice.uniform(30.9, 31.5), dice.uniform(121.1, 121.9)) for _ in range(9000)]
    rows = [[f"S{n:05d}", f"采样点{n}", f"{lat:.6f},{lon:.6f}", "true" if n % 2 else "false", "空闲", n % 50] for n, (lat, lon) in enumerate(points)]
    stack.post("sites", table(["site", "name", "location", "open", "status", "queue"], rows), "text/csv", wait=True)
    stop = threading.Event()
    changed = [0]

    def change():
        connection = stack.connection()
        random_site = random.Random(4)
        start = time.monotonic()
        while not stop.is_set():
            pause = start + changed[0] / 1000 - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            body = json.dumps([{"site": f"S{random_site.randrange(9000):05d}", "status": random_site.choice(["空闲", "适中", "忙碌"]),
                                "queue": random_site.randrange(90)} for _ in range(100)]).encode()
            stack.patch("sites", body, on=connection)
            changed[0] += 100

    changer = threading.Thread(target=change)
    changer.start()
    engine, whole, ages = [], [], []
    connection = stack.connection()
    began = time.monotonic()
    while time.monotonic() - began < options.seconds:
        lat, lon = dice.choice(points)
        started = time.monotonic()
        reply = stack.search("sites", "open:true status:空闲", near=f"{lat},{lon}", limit=5, on=connection)
        whole.append(time.monotonic() - started)
        engine.append(sum(worker["milliseconds"] for worker in reply["workers"]) / 1000)
        ages += [age for hit in reply["hits"] for age in hit["record"]["ages"].values()]
    elapsed = time.monotonic() - began
    stop.set()
    changer.join()
    # The age of a value that was reported just now.
    sent = time.time()
    stack.patch("sites", json.dumps([{"site": "S00001", "status": "忙碌"}]).encode(), wait=True)
    record = stack.document("sites", "S00001")["record"]
    error = abs((time.time() - record["ages"]["status"]) - sent)
    result = {
        "sites": 9000, "changesPerSecond": round(changed[0] / elapsed), "searches": len(whole), "engine": percentiles(engine),
        "http": percentiles(whole), "ageErrorSeconds": round(error, 3), "oldestAgeSeconds": round(max(ages), 1),
    }
    try:
        import psycopg
    except ImportError:
        result["postgres"] = "psycopg is not there"
        return result
    with Postgres() as postgres:
        postgres.run("CREATE TABLE sites (site text PRIMARY KEY, name text, location point, open boolean, status text, queue int, reported timestamptz); "
                     "CREATE INDEX ON sites USING gist(location)")
        with psycopg.connect(postgres.dsn, autocommit=True) as one:
            with one.cursor() as cursor:
                cursor.executemany("INSERT INTO sites VALUES (%s, %s, point(%s, %s), %s, '空闲', %s, now())",
                                   [(row[0], row[1], lon, lat, row[3] == "true", row[5]) for row, (lat, lon) in zip(rows, points)])
            one.execute("ANALYZE sites")
            stop.clear()
            updates = [0]

            def update():
                random_site = random.Random(4)
                with psycopg.connect(postgres.dsn) as other:
                    start = time.monotonic()
                    while not stop.is_set():
                        pause = start + updates[0] / 1000 - time.monotonic()
                        if pause > 0:
                            time.sleep(pause)
                        with other.cursor() as cursor:
                            cursor.executemany("UPDATE sites SET status = %s, queue = %s, reported = now() WHERE site = %s",
                                               [(random_site.choice(["空闲", "适中", "忙碌"]), random_site.randrange(90),
                                                 f"S{random_site.randrange(9000):05d}") for _ in range(100)])
                        other.commit()
                        updates[0] += 100

            updater = threading.Thread(target=update)
            updater.start()
            times = []
            began = time.monotonic()
            while time.monotonic() - began < options.seconds:
                lat, lon = dice.choice(points)
                started = time.monotonic()
                one.execute("SELECT site, name, queue, now() - reported FROM sites WHERE open AND status = '空闲' "
                            "ORDER BY location <-> point(%s, %s) LIMIT 5", (lon, lat)).fetchall()
                times.append(time.monotonic() - started)
            elapsed = time.monotonic() - began
            stop.set()
            updater.join()
    result["postgres"] = {"changesPerSecond": round(updates[0] / elapsed), "searches": len(times), "gist": percentiles(times)}
    return result


def jobs(stack, options):
    stack.declare(JOBS)
    dice = random.Random(5)
    titles = ["算法工程师", "Swift 开发工程师", "质量管理工程师", "护理专员", "供应链主管", "财务分析师", "英语教师", "设备维护技师", "冷链配送员", "数据标注员"]
    industries = ["软件和信息服务业", "集成电路", "生物医药", "金融业", "物流业", "教育", "制造业", "餐饮业"]
    rows = [[f"J{n:06d}", dice.choice(titles), f"测试{dice.randrange(6000)}号公司", dice.choice(industries), dice.choice(DISTRICTS),
             dice.choice(["不限", "大专", "本科", "硕士"]), dice.randrange(4, 60) * 1000, f"2020-03-{n % 28 + 1:02d}"] for n in range(100_000)]
    columns = ["job", "title", "company", "industry", "district", "degree", "salary", "posted"]
    for start in range(0, len(rows), 20_000):
        stack.post("jobs", table(columns, rows[start:start + 20_000]), "text/csv")
    stack.until_searchable("jobs", len(rows))
    time.sleep(5)
    asked = [(dice.choice(["工程师", "配送", "分析", "教师", "Swift"]), dice.choice(DISTRICTS), dice.choice(["本科", "硕士", "大专"]),
              dice.randrange(10, 40) * 1000) for _ in range(2000)]
    connection = stack.connection()
    engine, whole = [], []
    began = time.monotonic()
    for word, district, degree, salary in asked:
        if time.monotonic() - began > options.seconds:
            break
        started = time.monotonic()
        reply = stack.search("jobs", f"{word} degree:{degree} salary>={salary}",
                             facets="industry,district,company", limit=10, on=connection)
        whole.append(time.monotonic() - started)
        engine.append(max(worker["milliseconds"] for worker in reply["workers"]) / 1000)
    result = {"jobs": len(rows), "companies": 6000, "searches": len(whole), "engine": percentiles(engine), "http": percentiles(whole)}
    try:
        import psycopg
    except ImportError:
        result["postgres"] = "psycopg is not there"
        return result
    with Postgres() as postgres:
        postgres.run("CREATE TABLE jobs (job text PRIMARY KEY, title text, company text, industry text, district text, degree text, salary int, posted date)")
        path = pathlib.Path(postgres.folder) / "jobs.csv"
        path.write_bytes(table(columns, rows))
        postgres.run(f"\\copy jobs FROM '{path}' CSV HEADER")
        postgres.run("CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX ON jobs USING gin(title gin_trgm_ops); CREATE INDEX ON jobs(degree, salary); ANALYZE jobs")
        times = []
        with psycopg.connect(postgres.dsn, autocommit=True) as one:
            began = time.monotonic()
            for word, district, degree, salary in asked:
                if time.monotonic() - began > options.seconds:
                    break
                started = time.monotonic()
                where, values = "title LIKE %s AND degree = %s AND salary >= %s", (f"%{word}%", degree, salary)
                one.execute(f"SELECT * FROM jobs WHERE {where} ORDER BY job LIMIT 10", values).fetchall()
                one.execute(f"SELECT count(*) FROM jobs WHERE {where}", values).fetchall()
                for facet in ("industry", "district", "company"):
                    one.execute(f"SELECT {facet}, count(*) FROM jobs WHERE {where} GROUP BY 1 ORDER BY 2 DESC LIMIT 100", values).fetchall()
                times.append(time.monotonic() - started)
        result["postgres"] = {"searches": len(times), "http": percentiles(times)}
    return result


def board(stack, options):
    stack.declare(REPORTS)
    seen = []

    def listen():
        for event in stack.events("/v1/collections/reports/board/events?by=district"):
            seen.append((event["total"]["reported"], time.monotonic()))

    threading.Thread(target=listen, daemon=True).start()
    while not seen:
        time.sleep(0.01)
    connection = stack.connection()
    sent = []
    number = 0
    start = time.monotonic()
    while time.monotonic() - start < options.seconds:
        pause = start + number / 500 - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        body = json.dumps([{"unit": f"U{number + n:07d}", "district": DISTRICTS[(number + n) % 16]} for n in range(25)]).encode()
        at = time.monotonic()
        stack.post("reports", body, "application/json", on=connection)
        number += 25
        sent.append((number, at))
    elapsed = time.monotonic() - start
    deadline = time.monotonic() + 60
    while seen[-1][0] < number and time.monotonic() < deadline:
        time.sleep(0.01)
    waits = []
    for count, at in sent:
        shown = next((when for total, when in seen if total >= count), None)
        waits.append(shown - at if shown else 60)
    return {"reports": number, "reportsPerSecond": round(number / elapsed), "events": len(seen), "reportToNumber": percentiles(waits),
            "lost": number - seen[-1][0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("what", nargs="+", choices=["registration", "push", "sites", "jobs", "board"])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--format", choices=["csv", "ndjson"], default="csv", help="of `registration`'s bodies")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 4, 16, 48], help="of `push`: registrations of one request, 60 requests a second")
    options = parser.parse_args()
    for name in options.what:
        with Stack(options.programs, "search,add,watch,admin" if name == "push" else None) as stack:
            print(json.dumps({name: globals()[name](stack, options)}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
