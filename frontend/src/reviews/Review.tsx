import { useParams } from "@tanstack/react-router";
import { OneReview } from "./OneReview";
import "../styles/reviews.css";

/** One review, by the address. */
export function Review() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  return <OneReview key={id} id={id} />;
}
