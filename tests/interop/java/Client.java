import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** produce BOOTSTRAP TOPIC CODEC (records on stdin), consume BOOTSTRAP TOPIC COUNT: lines of hex as in record.py. */
public class Client {
  private static final HexFormat HEX = HexFormat.of();

  public static void main(String[] args) throws Exception {
    if (args[0].equals("produce")) {
      produce(args[1], args[2], args[3]);
    } else {
      consume(args[1], args[2], Integer.parseInt(args[3]));
    }
  }

  private static void produce(String bootstrap, String topic, String codec) throws Exception {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    config.put("compression.type", codec);
    config.put("linger.ms", "20");
    List<Future<?>> sent = new ArrayList<>();
    var serializer = new ByteArraySerializer();
    try (var producer = new KafkaProducer<>(config, serializer, serializer);
        var lines = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] part = line.split("\t", -1);
        var record =
            new ProducerRecord<>(topic, 0, Long.parseLong(part[0]), bytes(part[1]), bytes(part[2]));
        for (String header : part[3].isEmpty() ? new String[0] : part[3].split(",")) {
          String[] pair = header.split("=", -1);
          record.headers().add(new String(bytes(pair[0]), StandardCharsets.UTF_8), bytes(pair[1]));
        }
        sent.add(producer.send(record));
      }
      for (Future<?> future : sent) future.get();
    }
  }

  private static void consume(String bootstrap, String topic, int count) {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    var deserializer = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<>(config, deserializer, deserializer)) {
      var partition = List.of(new TopicPartition(topic, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      long deadline = System.nanoTime() + 120_000_000_000L;
      for (int left = count; left > 0 && System.nanoTime() < deadline; ) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (left-- > 0) System.out.println(line(record));
        }
      }
    }
  }

  private static String line(ConsumerRecord<byte[], byte[]> record) {
    List<String> headers = new ArrayList<>();
    for (Header header : record.headers()) {
      headers.add(hex(header.key().getBytes(StandardCharsets.UTF_8)) + "=" + hex(header.value()));
    }
    return record.timestamp() + "\t" + hex(record.key()) + "\t" + hex(record.value()) + "\t" + String.join(",", headers);
  }

  private static String hex(byte[] bytes) {
    return bytes == null ? "-" : HEX.formatHex(bytes);
  }

  private static byte[] bytes(String hex) {
    return hex.equals("-") ? null : HEX.parseHex(hex);
  }
}
