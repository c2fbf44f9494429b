// Asks makegood from Java, by code that protoc and its plugin grpc-java generated (see clients/elsewhere.md).
//
//     java -cp CLASSES:JARS Quote HOST:PORT QUESTION.json
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import makegood.v1.CompensationServiceGrpc;
import makegood.v1.CompensationServiceGrpc.CompensationServiceBlockingStub;
import makegood.v1.ComputeCompensationRequest;
import makegood.v1.ComputeCompensationResponse;
import makegood.v1.Grant;
import makegood.v1.Mode;

public final class Quote {
    private static final int ATTEMPTS = 5;
    private static final int DEADLINE_SECONDS = 5;
    /** The details of an error come beside its code, as bytes of a google.rpc.Status. */
    private static final Metadata.Key<Status> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", ProtoUtils.metadataMarshaller(Status.getDefaultInstance()));

    private final CompensationServiceBlockingStub stub;

    private Quote(CompensationServiceBlockingStub stub) {
        this.stub = stub;
    }

    public static void main(String[] arguments) throws Exception {
        // TLS: sslContext instead of usePlaintext.
        ManagedChannel channel = NettyChannelBuilder.forTarget(arguments[0]).usePlaintext().build();
        try {
            ComputeCompensationRequest.Builder question = ComputeCompensationRequest.newBuilder();
            JsonFormat.parser().merge(Files.readString(Path.of(arguments[1])), question);
            new Quote(CompensationServiceGrpc.newBlockingStub(channel)).tell(question.build());
        } finally {
            channel.shutdownNow().awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void tell(ComputeCompensationRequest question) throws Exception {
        ComputeCompensationResponse answer = askPatiently(question);
        System.out.println(answer.getDecision().getOutcome());
        for (Grant grant : answer.getDecision().getGrantsList()) {
            System.out.println(grant.getBenefit() + " " + grant.getQuantity());
        }
        try {
            askPatiently(question.toBuilder().setMode(Mode.MODE_UNSPECIFIED).build());
        } catch (StatusRuntimeException refused) {
            System.out.println(refused.getStatus().getCode());
            for (BadRequest.FieldViolation each : detail(refused, BadRequest.class).orElseThrow().getFieldViolationsList()) {
                System.out.println(each.getField() + ": " + each.getDescription());
            }
        }
    }

    /** Asks again where the server says when: a refusal without RetryInfo stays one. */
    private ComputeCompensationResponse askPatiently(ComputeCompensationRequest question) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).computeCompensation(question);
            } catch (StatusRuntimeException refused) {
                Optional<Duration> delay = detail(refused, RetryInfo.class).map(RetryInfo::getRetryDelay);
                if (delay.isEmpty() || attempt == ATTEMPTS) {
                    throw refused;
                }
                long millis = Durations.toMillis(delay.get());
                System.out.println("told to wait " + millis + " ms");
                Thread.sleep(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
            }
        }
    }

    private static <T extends Message> Optional<T> detail(StatusRuntimeException refused, Class<T> kind)
            throws InvalidProtocolBufferException {
        Status status = refused.getTrailers() == null ? null : refused.getTrailers().get(DETAILS);
        if (status != null) {
            for (Any each : status.getDetailsList()) {
                if (each.is(kind)) {
                    return Optional.of(each.unpack(kind));
                }
            }
        }
        return Optional.empty();
    }
}
