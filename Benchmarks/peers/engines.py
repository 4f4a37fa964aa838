"""The peers: each indexes the same tokens with positions, keeps the text, and answers the same queries by BM25.

An engine has index(path, limit) -> facts, open(), ask(queries, k, want) -> [[microseconds, total, numbers]], fresh(count)
and size(). Times are processor time of the thread that answers; of Lucene without compiler and collector threads."""

import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import time

import corpus

HERE = os.path.dirname(os.path.abspath(__file__))


def cpu():
    return time.thread_time_ns() / 1000


class Engine:
    # Operators of queries that the engine has no answer to.
    lacks = ()

    def __init__(self, folder):
        self.folder = folder

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)

    def size(self):
        return sum(
            os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(self.folder) for name in names)

    def rows(self, path, limit):
        """Tokens are made before the clock starts; once for all engines, as it takes minutes."""
        kept = os.path.join(os.path.dirname(self.folder), "rows.pickle")
        of = [os.path.basename(path), os.path.getsize(path), limit]
        if os.path.exists(kept):
            with open(kept, "rb") as file:
                if pickle.load(file) == of:
                    return pickle.load(file)
        rows = [(number, month, source, text, " ".join(corpus.pairs(text)))
                for number, month, source, text in corpus.rows(path, limit)]
        with open(kept, "wb") as file:
            pickle.dump(of, file)
            pickle.dump(rows, file)
        return rows

    def close(self):
        pass


class Tantivy(Engine):
    def schema(self):
        import tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=False, indexed=True, fast=True)
        builder.add_text_field("month", fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("source", fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
        builder.add_bytes_field("stored", stored=True, indexed=False)
        return builder.build()

    def document(self, row):
        import tantivy
        document = tantivy.Document()
        document.add_unsigned("number", row[0])
        document.add_text("month", row[1])
        document.add_text("source", row[2])
        document.add_text("text", row[4])
        document.add_bytes("stored", row[3].encode())
        return document

    def index(self, path, limit):
        import tantivy
        self.clear()
        rows = self.rows(path, limit)
        started = time.process_time()
        index = tantivy.Index(self.schema(), path=self.folder)
        writer = index.writer(256 << 20, 1)
        for row in rows:
            writer.add_document(self.document(row))
        writer.commit()
        writer.wait_merging_threads()
        return {"cpu": time.process_time() - started, "bytes": self.size()}

    def open(self):
        import tantivy
        self.tantivy = tantivy
        self.index_ = tantivy.Index.open(self.folder)
        self.index_.reload()
        self.searcher = self.index_.searcher()

    def query(self, query):
        tantivy, schema = self.tantivy, self.index_.schema
        if query["op"] == "pattern":
            return tantivy.Query.regex_query(schema, "text", query["words"][0].replace("*", ".*").replace("?", "."))
        parts = [tantivy.Query.term_query(schema, "text", word[0]) if len(word) == 1
                 else tantivy.Query.phrase_query(schema, "text", word) for word in corpus.tokens(query)]
        if len(parts) == 1:
            return parts[0]
        occur = tantivy.Occur.Should if query["op"] == "or" else tantivy.Occur.Must
        return tantivy.Query.boolean_query([(occur, part) for part in parts])

    def ask(self, queries, k, want):
        answers = []
        for query in queries:
            started = cpu()
            tree = self.query(query)
            found = self.searcher.search(tree, k, count=want == "count")
            numbers = self.searcher.fast_field_values("number", [place for _, place in found.hits]) if found.hits else []
            if want in ("source", "month"):
                self.searcher.aggregate(tree, {"f": {"terms": {"field": want, "size": 1000}}})
            answers.append([cpu() - started, found.count, numbers])
        return answers

    def fresh(self, count):
        writer = self.index_.writer(64 << 20, 1)
        times = []
        for number in range(count):
            words = f"新鲜 {number} 测试"
            started = time.perf_counter()
            writer.add_document(self.document((10 ** 9 + number, "none", "fresh", words, words)))
            writer.commit()
            self.index_.reload()
            query = self.tantivy.Query.term_query(self.index_.schema, "number", 10 ** 9 + number)
            found = self.index_.searcher().search(query, 10).count
            times.append((time.perf_counter() - started) * 1e6 if found == 1 else -1)
        writer.wait_merging_threads()
        return times


class FTS5(Engine):
    lacks = ("pattern",)

    def connect(self):
        connection = sqlite3.connect(self.folder + "/fts.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-262144", "mmap_size=8589934592"):
            connection.execute("PRAGMA " + pragma)
        return connection

    def index(self, path, limit):
        self.clear()
        rows = self.rows(path, limit)
        started = time.process_time()
        connection = self.connect()
        connection.execute("CREATE TABLE d(number INTEGER PRIMARY KEY, month TEXT, source TEXT, stored TEXT)")
        connection.execute("CREATE VIRTUAL TABLE f USING fts5(text, content='', tokenize='unicode61')")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO f(rowid, text) VALUES(?, ?)", ((row[0], row[4]) for row in rows))
        connection.executemany("INSERT INTO d VALUES(?, ?, ?, ?)", (row[:4] for row in rows))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return {"cpu": time.process_time() - started, "bytes": self.size()}

    def open(self):
        self.connection = self.connect()

    def ask(self, queries, k, want):
        execute = self.connection.execute
        answers = []
        for query in queries:
            started = cpu()
            words = ['"' + " ".join(word) + '"' for word in corpus.tokens(query)]
            match = (" OR " if query["op"] == "or" else " AND ").join(words)
            numbers = [row[0] for row in execute(
                "SELECT rowid FROM f WHERE f MATCH ? ORDER BY rank LIMIT ?", (match, k))]
            total = None
            if want == "count":
                total = execute("SELECT count(*) FROM f WHERE f MATCH ?", (match,)).fetchone()[0]
            elif want != "top":
                execute(f"SELECT d.{want}, count(*) FROM f JOIN d ON d.number = f.rowid WHERE f MATCH ? GROUP BY 1",
                        (match,)).fetchall()
            answers.append([cpu() - started, total, numbers])
        return answers

    def fresh(self, count):
        times = []
        for number in range(count):
            started = time.perf_counter()
            self.connection.execute("BEGIN")
            self.connection.execute("INSERT INTO f(rowid, text) VALUES(?, ?)", (10 ** 9 + number, f"新鲜{number} 测试"))
            self.connection.execute("COMMIT")
            found = self.connection.execute("SELECT rowid FROM f WHERE f MATCH ?", (f'"新鲜{number}"',)).fetchall()
            times.append((time.perf_counter() - started) * 1e6 if len(found) == 1 else -1)
        return times


class Xapian(Engine):
    # 1.4 has only wildcards at the end.
    lacks = ("pattern",)

    def index(self, path, limit):
        import xapian
        self.clear()
        rows = self.rows(path, limit)
        started = time.process_time()
        base = xapian.WritableDatabase(self.folder, xapian.DB_CREATE_OR_OVERWRITE)
        for row in rows:
            base.add_document(self.document(row))
        base.commit()
        base.close()
        return {"cpu": time.process_time() - started, "bytes": self.size()}

    @staticmethod
    def document(row):
        import xapian
        document = xapian.Document()
        document.add_value(0, row[2])
        document.add_value(1, row[1])
        document.set_data(row[3])
        for place, token in enumerate(row[4].split(" ")):
            # Xapian refuses longer terms.
            if len(token) <= 240:
                document.add_posting(token, place + 1)
        return document

    def open(self):
        import xapian
        self.xapian = xapian
        self.base = xapian.Database(self.folder)
        self.enquire = xapian.Enquire(self.base)
        self.enquire.set_weighting_scheme(xapian.BM25Weight(1.2, 0, 1, 0.75, 0.0))

    def query(self, query):
        Query = self.xapian.Query
        parts = [Query(word[0]) if len(word) == 1 else Query(Query.OP_PHRASE, word) for word in corpus.tokens(query)]
        return Query(Query.OP_OR if query["op"] == "or" else Query.OP_AND, parts)

    def ask(self, queries, k, want):
        answers = []
        everything = self.base.get_doccount()
        for query in queries:
            started = cpu()
            self.enquire.set_query(self.query(query))
            if want in ("source", "month"):
                spy = self.xapian.ValueCountMatchSpy(0 if want == "source" else 1)
                self.enquire.add_matchspy(spy)
                found = self.enquire.get_mset(0, k, everything)
                list(spy.values())
                self.enquire.clear_matchspies()
            else:
                found = self.enquire.get_mset(0, k, everything if want == "count" else 0)
            numbers = [match.docid - 1 for match in found]
            total = found.get_matches_estimated() if want == "count" else None
            answers.append([cpu() - started, total, numbers])
        return answers

    def fresh(self, count):
        base = self.xapian.WritableDatabase(self.folder, self.xapian.DB_OPEN)
        times = []
        for number in range(count):
            started = time.perf_counter()
            base.add_document(self.document((0, "none", "fresh", "", f"新鲜{number} 测试")))
            base.commit()
            self.base.reopen()
            self.enquire.set_query(self.xapian.Query(f"新鲜{number}"))
            found = len(self.enquire.get_mset(0, 10))
            times.append((time.perf_counter() - started) * 1e6 if found == 1 else -1)
        base.close()
        return times


class Groonga(Engine):
    """Through its command pipe. It has no BM25; scorer_tf_idf ranks."""

    lacks = ("pattern",)

    pipe = None

    def start(self, *flags):
        log = ["--log-path", self.folder + "/log"]
        self.pipe = subprocess.Popen(
            ["groonga", *log, *flags, self.folder + "/db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def command(self, line):
        self.pipe.stdin.write(line.encode() + b"\n")
        self.pipe.stdin.flush()
        answer = json.loads(self.pipe.stdout.readline())
        if answer[0][0] != 0:
            raise RuntimeError(f"{line[:60]}: {answer[0]}")
        return answer[1]

    def index(self, path, limit):
        self.clear()
        rows = self.rows(path, limit)
        self.start("-n")
        for line in (
            "table_create Source TABLE_HASH_KEY ShortText", "table_create Month TABLE_HASH_KEY ShortText",
            "table_create Docs TABLE_HASH_KEY UInt32", "column_create Docs source COLUMN_SCALAR Source",
            "column_create Docs month COLUMN_SCALAR Month", "column_create Docs tokens COLUMN_SCALAR|COMPRESS_ZSTD LongText",
            "table_create Terms TABLE_PAT_KEY ShortText --default_tokenizer TokenDelimit",
            "column_create Terms idx COLUMN_INDEX|WITH_POSITION Docs tokens",
        ):
            self.command(line)
        self.pipe.stdin.write(b"load --table Docs\n[\n")
        for place, (number, month, source, _, tokens) in enumerate(rows):
            row = {"_key": number, "month": month, "source": source, "tokens": tokens}
            self.pipe.stdin.write((",\n" if place else "").encode() + json.dumps(row, ensure_ascii=False).encode())
        self.pipe.stdin.write(b"\n]\n")
        self.pipe.stdin.flush()
        self.pipe.stdout.readline()
        with open(f"/proc/{self.pipe.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        self.close()
        return {"cpu": used, "bytes": self.size()}

    def open(self):
        self.start()
        self.command("cache_limit 0")

    def used(self):
        """Microseconds of processor time of Groonga's main thread."""
        with open(f"/proc/{self.pipe.pid}/schedstat") as stat:
            return int(stat.read().split()[0]) / 1000

    def close(self):
        if self.pipe:
            self.pipe.stdin.close()
            self.pipe.wait()
            self.pipe = None

    def ask(self, queries, k, want):
        answers = []
        for query in queries:
            words = ['"' + " ".join(word) + '"' for word in corpus.tokens(query)]
            expression = (" OR " if query["op"] == "or" else " ").join(words)
            drill = f" --drilldown {want}" if want in ("source", "month") else ""
            started = self.used()
            answer = self.command(
                f"select Docs --match_columns 'scorer_tf_idf(tokens)' --query '{expression}' --output_columns _key"
                f" --limit {k} --sort_keys -_score{drill}")
            taken = self.used() - started
            answers.append([taken, answer[0][0][0], [row[0] for row in answer[0][2:]]])
        return answers

    def fresh(self, count):
        times = []
        for number in range(count):
            row = json.dumps([{"_key": 10 ** 9 + number, "tokens": f"新鲜{number} 测试"}], ensure_ascii=False)
            started = time.perf_counter()
            self.command(f"load --table Docs --values '{row}'")
            answer = self.command(f"select Docs --match_columns tokens --query '新鲜{number}' --output_columns _key")
            times.append((time.perf_counter() - started) * 1e6 if answer[0][0][0] == 1 else -1)
        return times


class Lines(Engine):
    """An engine in another process that reads requests as lines of JSON."""

    pipe = None

    def open(self):
        self.pipe = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, queries, k, want):
        sent = [dict(query, tokens=corpus.tokens(query)) for query in queries]
        self.pipe.stdin.write(json.dumps({"k": k, "want": want, "queries": sent}).encode() + b"\n")
        self.pipe.stdin.flush()
        return json.loads(self.pipe.stdout.readline())

    def close(self):
        if self.pipe:
            self.pipe.stdin.close()
            self.pipe.wait()
            self.pipe = None


class Kuaibao(Lines):
    program = os.environ.get("KUAIBAO_BENCH", ".build/release/bench")

    def index(self, path, limit):
        command = [self.program, "index", path, self.folder] + (["--limit", str(limit)] if limit else [])
        return json.loads(subprocess.run(command + ["--force"], check=True, capture_output=True, text=True).stdout)

    def command(self):
        return [self.program, "serve", self.folder]

    def fresh(self, count):
        command = [self.program, "fresh", self.folder, "--count", str(count)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


class Lucene(Lines):
    """The Lucene in the jar of PyPI's pyserini, named by LUCENE_JAR."""
    jar = os.environ.get("LUCENE_JAR", "")

    def java(self, *arguments):
        classes = os.path.join(os.path.dirname(self.folder), "classes")
        if not os.path.exists(classes + "/LuceneServer.class"):
            subprocess.run(["javac", "-nowarn", "-cp", self.jar, "-d", classes, HERE + "/LuceneServer.java"], check=True,
                           stderr=subprocess.DEVNULL)
        return ["java", "-Xmx2g", "-XX:+UseSerialGC", "-cp", classes + ":" + self.jar, "LuceneServer", *arguments]

    def index(self, path, limit):
        self.clear()
        rows = self.rows(path, limit)
        table = self.folder + ".tsv"
        with open(table, "w", encoding="utf-8") as out:
            for number, month, source, text, tokens in rows:
                out.write("\t".join((str(number), month, source, " ".join(text.split()), tokens)) + "\n")
        answer = subprocess.run(self.java("index", self.folder, table), check=True, capture_output=True, text=True)
        os.remove(table)
        return dict(json.loads(answer.stdout.strip().splitlines()[-1]), bytes=self.size())

    def command(self):
        return self.java("serve", self.folder)

    def fresh(self, count):
        answer = subprocess.run(self.java("fresh", self.folder, str(count)), check=True, capture_output=True, text=True)
        return json.loads(answer.stdout.strip().splitlines()[-1])


ENGINES = {
    "kuaibao": Kuaibao, "tantivy": Tantivy, "lucene": Lucene, "xapian": Xapian, "groonga": Groonga, "fts5": FTS5,
}
