import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

/** Lucene's side of the benchmarks: index FOLDER TABLE, serve FOLDER (lines of JSON), fresh FOLDER COUNT. */
public class LuceneServer {
  static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "index": index(arguments[1], arguments[2]); break;
      case "serve": serve(arguments[1]); break;
      default: fresh(arguments[1], Integer.parseInt(arguments[2]));
    }
  }

  /** Processor nanoseconds of the calling thread. */
  static long now() { return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime(); }

  static IndexWriterConfig configuration() {
    return new IndexWriterConfig(new WhitespaceAnalyzer()).setRAMBufferSizeMB(256)
        .setSimilarity(new BM25Similarity(1.2f, 0.75f)).setMergeScheduler(new SerialMergeScheduler());
  }

  static Document document(String[] row) {
    Document document = new Document();
    document.add(new NumericDocValuesField("number", Long.parseLong(row[0])));
    document.add(new SortedDocValuesField("month", new BytesRef(row[1])));
    document.add(new SortedDocValuesField("source", new BytesRef(row[2])));
    document.add(new StoredField("stored", row[3]));
    document.add(new TextField("text", row[4], Field.Store.NO));
    return document;
  }

  static void index(String folder, String table) throws IOException {
    long started = now();
    try (FSDirectory directory = FSDirectory.open(Path.of(folder));
        IndexWriter writer = new IndexWriter(directory, configuration().setOpenMode(IndexWriterConfig.OpenMode.CREATE));
        BufferedReader lines = Files.newBufferedReader(Path.of(table))) {
      for (String line; (line = lines.readLine()) != null; ) writer.addDocument(document(line.split("\t", -1)));
      writer.forceMerge(1);
      writer.commit();
    }
    System.out.println("{\"cpu\":" + (now() - started) / 1e9 + "}");
  }

  static IndexSearcher searcher(IndexReader reader) {
    IndexSearcher searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
    searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
    return searcher;
  }

  static Query word(JsonNode tokens) {
    if (tokens.size() == 1) return new TermQuery(new Term("text", tokens.get(0).asText()));
    PhraseQuery.Builder phrase = new PhraseQuery.Builder();
    for (JsonNode token : tokens) phrase.add(new Term("text", token.asText()));
    return phrase.build();
  }

  static Query query(JsonNode query) {
    JsonNode words = query.get("tokens");
    if (query.get("op").asText().equals("pattern")) return new WildcardQuery(new Term("text", words.get(0).get(0).asText()));
    if (words.size() == 1) return word(words.get(0));
    BooleanClause.Occur occur =
        query.get("op").asText().equals("or") ? BooleanClause.Occur.SHOULD : BooleanClause.Occur.MUST;
    BooleanQuery.Builder tree = new BooleanQuery.Builder();
    for (JsonNode tokens : words) tree.add(word(tokens), occur);
    return tree.build();
  }

  /** Counts the values of a column over the matches. */
  static int count(IndexSearcher searcher, Query query, String column) throws IOException {
    int[] values = {0};
    searcher.search(query, new Collector() {
      public ScoreMode scoreMode() { return ScoreMode.COMPLETE_NO_SCORES; }

      public LeafCollector getLeafCollector(LeafReaderContext leaf) throws IOException {
        SortedDocValues column_ = DocValues.getSorted(leaf.reader(), column);
        int[] counts = new int[column_.getValueCount()];
        return new LeafCollector() {
          public void setScorer(Scorable scorer) {}

          public void collect(int document) throws IOException {
            if (column_.advanceExact(document)) counts[column_.ordValue()]++;
          }

          public void finish() throws IOException {
            for (int ordinal = 0; ordinal < counts.length; ordinal++)
              if (counts[ordinal] > 0) values[0] += column_.lookupOrd(ordinal).length;
          }
        };
      }
    });
    return values[0];
  }

  static void serve(String folder) throws IOException {
    DirectoryReader reader = DirectoryReader.open(FSDirectory.open(Path.of(folder)));
    IndexSearcher searcher = searcher(reader);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      JsonNode request = JSON.readTree(line);
      int k = request.get("k").asInt();
      String want = request.get("want").asText();
      ArrayNode answers = JSON.createArrayNode();
      for (JsonNode asked : request.get("queries")) {
        long started = now();
        Query query = query(asked);
        int threshold = want.equals("count") ? Integer.MAX_VALUE : k;
        TopDocs found = searcher.search(query, TopScoreDocCollector.createSharedManager(k, null, threshold));
        long[] numbers = new long[found.scoreDocs.length];
        for (int place = 0; place < numbers.length; place++) {
          int document = found.scoreDocs[place].doc;
          LeafReaderContext leaf = reader.leaves().get(ReaderUtil.subIndex(document, reader.leaves()));
          NumericDocValues column = leaf.reader().getNumericDocValues("number");
          column.advanceExact(document - leaf.docBase);
          numbers[place] = column.longValue();
        }
        if (want.equals("source") || want.equals("month")) count(searcher, query, want);
        double taken = (now() - started) / 1000.0;
        ArrayNode answer = answers.addArray().add(taken).add(found.totalHits.value);
        ArrayNode list = answer.addArray();
        for (long number : numbers) list.add(number);
      }
      System.out.println(JSON.writeValueAsString(answers));
      System.out.flush();
    }
  }

  static void fresh(String folder, int count) throws IOException {
    ArrayNode times = JSON.createArrayNode();
    IndexWriter writer = new IndexWriter(FSDirectory.open(Path.of(folder)), configuration());
    DirectoryReader reader = DirectoryReader.open(writer);
    for (int number = 0; number < count; number++) {
      long started = System.nanoTime();
      writer.addDocument(document(new String[] {"" + (1000000000L + number), "none", "fresh", "", "新鲜" + number + " 测试"}));
      DirectoryReader changed = DirectoryReader.openIfChanged(reader, writer);
      if (changed != null) {
        reader.close();
        reader = changed;
      }
      int found = searcher(reader).count(new TermQuery(new Term("text", "新鲜" + number)));
      times.add(found == 1 ? (System.nanoTime() - started) / 1000.0 : -1);
    }
    reader.close();
    writer.rollback();
    System.out.println(JSON.writeValueAsString(times));
  }
}
